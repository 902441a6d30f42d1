"""Prints the tables of inpainting: holes of known contents in clean photos, beside what one writes without this.

    python -m benchmarks.inpaint                           (everything: minutes)
    python -m benchmarks.inpaint speed [MEGAPIXELS …]      (default 0.25 1 4 12)
    python -m benchmarks.inpaint quality [PHOTOS]          (default all photos, six holes each)

Of the measures PSNR and SSIM reward blur; structure asks for the truth's edges, texture for as
much fine detail as it has (1), seam for an invisible border. The whole is written to benchmarks/results/inpaint.json,
parts to benchmarks/output.
"""

import sys
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from benchmarks.filling import measures, peers
from benchmarks.filling.photos import ENVIRONMENT, NAMES, of_size, photo
from benchmarks.shared import child
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell
from steps.contract import Context, Item, Part, Role
from steps.fill import seam_of
from steps.imaging.document import Document, Mask, Page, Pixels
from steps.imaging.mask import encode_mask
from steps.inpaint import Inpaint
from steps.run import run

SIZES = (0.25, 1.0, 4.0, 12.0)
HOLES = 6
HOLE_SHARE = 0.2
"""Height of a hole as a share of the photo's shorter side; it is half as wide: a standing person's shape."""
PLAIN_UP_TO = 12.0
"""Megapixels: the plain call takes minutes beyond."""

Method = Callable[[Pixels, Mask], Pixels]


def ours(pixels: Pixels, mask: Mask) -> Pixels:
    """The step itself, with the mask as it is: the truth begins right beside it."""
    document = Document(pages=(Page(pixels=pixels),), mime_type="image/png")
    item = Item(parts=(Part(content=document), Part(content=encode_mask(mask), role=Role.MASK)))
    context = Context(environment=ENVIRONMENT, output=None)
    made = run(Inpaint(), item, {"dilate": 0, "feather": 0}, context).parts[0].content
    if not isinstance(made, Document):
        raise TypeError("a chain's step gives a decoded document")
    return made.pages[0].pixels


METHODS: dict[str, Method] = {
    "inpaint": ours,
    "plain PatchMatch": peers.plain_patchmatch,
    "Telea": peers.telea,
}
"""By the name that the tables show."""


def holes(pixels: Pixels, count: int, seed: int = 0) -> list[Mask]:
    """Return masks of ellipses at random places wholly within the picture."""
    rng = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    tall = round(HOLE_SHARE * min(height, width) / 2)
    axes = max(1, tall // 2), max(1, tall)
    found = []
    for _ in range(count):
        middle = (
            int(rng.integers(axes[0] + 2, width - axes[0] - 2)),
            int(rng.integers(axes[1] + 2, height - axes[1] - 2)),
        )
        mask = np.zeros((height, width), np.uint8)
        cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, -1)
        found.append(mask)
    return found


def timed(method: str, megapixels: float) -> tuple[float, float]:
    """Warm up on a small picture, then fill one hole in a large one: seconds, processor seconds."""
    small = of_size(0.03)
    METHODS[method](small, holes(small, 1)[0])
    pixels = of_size(megapixels)
    mask = holes(pixels, 1)[0]
    began, processor = time.perf_counter(), time.process_time()
    METHODS[method](pixels, mask)
    return time.perf_counter() - began, time.process_time() - processor


def print_speed(results: Results, sizes: tuple[float, ...]) -> None:
    """Print one row per size and method, each in a process of its own."""
    rows: list[tuple[Cell, ...]] = []
    for size in sizes:
        for method in METHODS:
            if "plain" in method and size > PLAIN_UP_TO:
                rows.append((f"{size:g}", method, "minutes", None, None))
                continue
            try:
                done = child.run("benchmarks.inpaint:timed", {"method": method, "megapixels": size})
            except child.ChildFailed as error:
                rows.append((f"{size:g}", method, str(error).splitlines()[-1], None, None))
                continue
            rows.append((f"{size:g}", method, *done.answer, done.peak_mb))
    head = ("megapixels", "method", "s", "processor s", "peak MB")
    results.table("One hole, one run each, each in a process of its own", head, rows)


def judged(method: str, truth: Pixels, hole: Mask) -> tuple[float, float, float, float, float]:
    """Blank a hole, fill it, compare: structure, texture, PSNR, SSIM, seam (not a number where there is none)."""
    blank = truth.copy()
    blank[hole > 0] = 128
    made = METHODS[method](blank, hole)
    seam = seam_of(made, hole)
    return (
        measures.structure(made, truth, hole),
        measures.texture(made, truth, hole),
        measures.psnr(made, truth, hole),
        measures.ssim(made, truth, hole),
        float("nan") if seam is None else seam,
    )


def print_quality(results: Results, names: tuple[str, ...]) -> None:
    """Print one row per photo and method, and the means."""
    rows: list[tuple[Cell, ...]] = []
    every: dict[str, list[tuple[float, ...]]] = {method: [] for method in METHODS}
    for name in names:
        truth = photo(name)
        for method in METHODS:
            found = [judged(method, truth, hole) for hole in holes(truth, HOLES)]
            every[method] += found
            rows.append((name, method, *_means(found)))
    rows += [("mean", method, *_means(found)) for method, found in every.items()]
    head = ("photo", "method", "structure", "texture", "PSNR dB", "SSIM", "seam")
    results.table(f"{HOLES} holes in each photo", head, rows)


def _means(found: Sequence[tuple[float, ...]]) -> list[str]:
    structure, texture, psnr, ssim, seam = np.nanmean(found, axis=0)
    return [f"{structure:.3f}", f"{texture:.2f}", f"{psnr:.2f}", f"{ssim:.3f}", f"{seam:.2f}"]


def main(arguments: list[str]) -> None:
    """Print what the arguments ask for; everything by default."""
    results = Results("inpaint")
    match arguments:
        case ["quality", *names]:
            print_quality(results, tuple(f"photo-{name}" for name in names) or NAMES)
        case ["speed", *sizes]:
            print_speed(results, tuple(float(size) for size in sizes) or SIZES)
        case []:
            print_speed(results, SIZES)
            print_quality(results, NAMES)
        case _:
            raise SystemExit(__doc__)
    results.write(whole=not arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
