"""Runs schemathesis against a live service, until it has made so many requests."""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.connector.service_process import ROOT, ServiceProcess

HERE = Path(__file__).parent
SERVE = ("-m", "tests.fuzz.serve")
LIMITS = {"warm": 0, "run_timeout_seconds": 1, "max_body_bytes": 2_000_000, "max_items": 100}
"""Small, so that a request that waits ends soon."""
INTERPRETER = "SystemError: AST constructor recursion depth mismatch"
"""Python 3.11 loses count (python/cpython#106905) when hypothesis parses a source deep in a stack."""
_COUNT = re.compile(r"(\d+) generated")


class Found(AssertionError):
    """The service did what its document does not say; the message is schemathesis's report."""


def fuzz(cases: int, seed: int, examples: int, phases: str, seconds: int = 0) -> int:
    """Return how many requests were made, at least `cases` unless the time ran out.

    Args:
        cases: requests to make.
        seed: of the first round; each further round counts on.
        examples: requests per operation, phase and round.
        phases: of schemathesis, by commas.
        seconds: of one round, at most; 0 means any.

    Raises:
        Found: something that the document does not say.
    """
    made = 0
    with ServiceProcess(SERVE, **LIMITS) as service, TemporaryDirectory() as folder:
        while made < cases:
            made += _round(service, seed, examples, phases, seconds, folder)
            seed += 1
            if seconds:
                break
        assert service.http.get("/health/live").status_code == 200
    return made


def _round(
    service: ServiceProcess, seed: int, examples: int, phases: str, seconds: int, folder: str
) -> int:
    address = f"http://127.0.0.1:{service.port}/openapi.json"
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        HERE / "schemathesis.toml",
    ]
    options = {"--phases": phases, "--max-examples": examples, "--seed": seed}
    if seconds:
        options["--max-time"] = seconds
    done = subprocess.run(
        [
            *map(str, command),
            "run",
            address,
            *(str(word) for option in options.items() for word in option),
            *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"),
            *("--request-timeout", "30", "--warnings", "off"),
        ],
        cwd=folder,  # where it keeps what it found
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    count = _COUNT.search(done.stdout)
    if count is None or (done.returncode != 0 and not _is_sound(done.stdout)):
        raise Found(done.stdout + done.stderr)
    return int(count[1])


def _is_sound(report: str) -> bool:
    """Say whether nothing but the interpreter failed, in the fuzzer's own process."""
    failed = "= FAILURES =" in report or "Failures:" in report
    return not failed and report.count("\nRuntime Error\n") == report.count(INTERPRETER)
