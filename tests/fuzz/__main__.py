"""`python -m tests.fuzz --cases 5000`: made-up requests against the whole contract, exit 1 if one shows a fault."""

import argparse
import secrets

from tests.fuzz.runner import Found, fuzz

ALL = "examples,coverage,fuzzing,stateful"


def main() -> None:
    """Run, print, exit."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="requests to make, at least")
    parser.add_argument("--seed", type=int, default=None, help="repeats an earlier run")
    parser.add_argument("--examples", type=int, default=25, help="per operation, phase and round")
    parser.add_argument("--phases", default=ALL)
    given = parser.parse_args()
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    try:
        made = fuzz(given.cases, seed, given.examples, given.phases)
    except Found as found:
        raise SystemExit(f"{found}\nseed: {seed}") from None
    print(f"{made} requests, nothing that the contract does not say; seed: {seed}")


if __name__ == "__main__":
    main()
