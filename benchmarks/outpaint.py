"""Prints the tables of outpainting: a quarter more on each side, beside what one writes without this package.

    python -m benchmarks.outpaint                          (everything: minutes)
    python -m benchmarks.outpaint speed [MEGAPIXELS …]     (default 0.25 1 4 12)
    python -m benchmarks.outpaint quality                  (the border, photo by photo)

"edges drawn out, plain PatchMatch" and "Telea" work on the whole canvas. Read the ratios within one run.
The whole is written to benchmarks/results/outpaint.json, parts to benchmarks/output.
"""

import sys
import time
from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.filling import peers
from benchmarks.filling.photos import ENVIRONMENT, NAMES, of_size, photo
from benchmarks.shared import child
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell
from steps.contract import Context, Item, Part
from steps.imaging.document import Document, Mask, Page, Pixels
from steps.outpaint import Outpaint
from steps.outpaint.geometry import Extension
from steps.outpaint.measure import measure
from steps.run import run

SIZES = (0.25, 1.0, 4.0, 12.0)
SHARE = 4
"""A side grows by one part in this many, on each end."""
PLAIN_UP_TO = 1.0
"""Megapixels: the plain call takes minutes beyond."""

Method = Callable[[Pixels, Extension], Pixels]


def quarter(pixels: Pixels) -> Extension:
    """Return a quarter more on each side."""
    height, width = pixels.shape[:2]
    return Extension(width // SHARE, width // SHARE, height // SHARE, height // SHARE)


def ours(pixels: Pixels, extension: Extension) -> Pixels:
    """The step itself, with its defaults."""
    item = Item(
        parts=(Part(content=Document(pages=(Page(pixels=pixels),), mime_type="image/png")),)
    )
    context = Context(environment=ENVIRONMENT, output=None)
    made = run(Outpaint(), item, dict(extension.sides()), context).parts[0].content
    if not isinstance(made, Document):
        raise TypeError("a chain's step gives a decoded document")
    return made.pages[0].pixels


def peer(fill: Callable[[Pixels, Mask], Pixels]) -> Method:
    """A fill of the whole canvas, its edges drawn out first."""

    def method(pixels: Pixels, extension: Extension) -> Pixels:
        canvas, mask = drawn_out(pixels, extension)
        return fill(canvas, mask)

    return method


def drawn_out(pixels: Pixels, extension: Extension) -> tuple[Pixels, Mask]:
    """Return the canvas with the edges replicated outwards, and the mask of what is new."""
    sides = extension.top, extension.bottom, extension.left, extension.right
    canvas = np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_REPLICATE), np.uint8)
    mask = np.full(canvas.shape[:2], 255, np.uint8)
    mask[extension.inner((pixels.shape[1], pixels.shape[0]))] = 0
    return canvas, mask


METHODS: dict[str, Method] = {
    "outpaint": ours,
    "edges drawn out": lambda pixels, extension: drawn_out(pixels, extension)[0],
    "edges drawn out, plain PatchMatch": peer(peers.plain_patchmatch),
    "Telea": peer(peers.telea),
}
"""By the name that the tables show."""


def timed(method: str, megapixels: float) -> list[float | None]:
    """Warm up on a small picture, then extend a large one: seconds, processor seconds, seam, ΔE, ΔE inside."""
    small = of_size(0.01)
    METHODS[method](small, quarter(small))
    pixels = of_size(megapixels)
    extension = quarter(pixels)
    began, processor = time.perf_counter(), time.process_time()
    made = METHODS[method](pixels, extension)
    took = [time.perf_counter() - began, time.process_time() - processor]
    return [*took, *border(made, extension)]


def border(made: Pixels, extension: Extension) -> list[float | None]:
    """Return seam, colour difference across the border, and the same inside the original."""
    found = measure(made, extension)
    return [found.seam, found.colour_difference, found.colour_difference_inside]


def print_speed(results: Results, sizes: tuple[float, ...]) -> None:
    """Print one row per size and method, each in a process of its own."""
    rows: list[tuple[Cell, ...]] = []
    for size in sizes:
        for method in METHODS:
            if "plain" in method and size > PLAIN_UP_TO:
                rows.append((f"{size:g}", method, "minutes", *[None] * 5))
                continue
            try:
                done = child.run(
                    "benchmarks.outpaint:timed", {"method": method, "megapixels": size}
                )
            except child.ChildFailed as error:
                rows.append((f"{size:g}", method, str(error).splitlines()[-1], *[None] * 5))
                continue
            seconds, processor, *rest = done.answer
            rows.append((f"{size:g}", method, seconds, processor, done.peak_mb, *rest))
    header = ("megapixels", "method", "s", "processor s", "peak MB", "seam", "ΔE", "ΔE inside")
    title = "A quarter more on each side, one run each, each in a process of its own"
    results.table(title, header, rows)


def print_quality(results: Results) -> None:
    """Print one row per photo and method."""
    rows: list[tuple[Cell, ...]] = []
    for name in NAMES:
        pixels = photo(name)
        extension = quarter(pixels)
        for method, extend in METHODS.items():
            rows.append((name, method, *border(extend(pixels, extension), extension)))
    results.table(
        "The border, photo by photo", ("photo", "method", "seam", "ΔE", "ΔE inside"), rows
    )


def main(arguments: list[str]) -> None:
    """Print what the arguments ask for; everything by default."""
    results = Results("outpaint")
    match arguments:
        case ["quality"]:
            print_quality(results)
        case ["speed", *sizes]:
            print_speed(results, tuple(float(size) for size in sizes) or SIZES)
        case []:
            print_speed(results, SIZES)
            print_quality(results)
        case _:
            raise SystemExit(__doc__)
    results.write(whole=not arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
