"""Prints the tables of the GPU tier.

    python -m benchmarks.gpu              (everything)
    python -m benchmarks.gpu residency    (loads of models, by the order of the items)
    python -m benchmarks.gpu speed        (Segment Anything and Real-ESRGAN)

Needs the extra `gpu`, and no hub: weights are random, of full size where there is a GPU, small where there is none,
and the tables say which. The whole is written to benchmarks/results/gpu.json, parts to benchmarks/output.
"""

import sys

from benchmarks.gpu import residency, speed
from benchmarks.shared.results import Results
from steps.environment import Environment

PARTS = ("residency", "speed")


def main(parts: list[str]) -> None:
    """Print the named parts; all of them when none is named."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise SystemExit(f"unknown part {unknown[0]!r}; known: {', '.join(PARTS)}")
    results = Results("gpu", packages=("torch", "transformers", "spandrel"))
    environment = Environment.from_env()
    if not parts or "residency" in parts:
        residency.print_loads(results)
    if not parts or "speed" in parts:
        speed.print_sam(results, environment)
        speed.print_upscaling(results, environment)
    results.write(whole=not parts)


if __name__ == "__main__":
    main(sys.argv[1:])
