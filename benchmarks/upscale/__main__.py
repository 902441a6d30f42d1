"""Prints the tables of upscaling.

    python -m benchmarks.upscale                        (speed and quality: about six minutes)
    python -m benchmarks.upscale speed [MEGAPIXELS …]   (default 0.25 1 4 12; ×2)
    python -m benchmarks.upscale quality [--best]       (--best adds x4plus: minutes)
    python -m benchmarks.upscale best                   (x4plus beside ncnn: minutes, 6 GB)

Each speed is one run after a warm-up: read the ratios within one run. The whole is written to
benchmarks/results/upscale.json, parts to benchmarks/output. Rows with ncnn need the package ncnn.
"""

import sys

import numpy as np

from benchmarks.shared.child import ChildFailed
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell
from benchmarks.upscale import quality, speed
from benchmarks.upscale.photos import NAMES

SIZES = (0.25, 1.0, 4.0, 12.0)
FAST = ("fast, onnxruntime", "fast, ncnn", "ncnn's plain loop", "onnxruntime, whole picture")
BEST = ("best", "ncnn's plain loop, x4plus")
BEST_SIZE = 0.025
"""Megapixels at which both finish in minutes: x4plus takes about ten minutes of processor time per megapixel."""
UP_TO = {"onnxruntime, whole picture": 1.0, "fast, onnxruntime": 4.0}
"""Megapixels: the whole picture takes 2.1 kB of memory for each px; the other is not the default, and slow."""
TILE = 128
"""Side of the tiles whose seams are measured, px."""
SIDE = 384
"""Px of the photos' middle on which quality is measured."""


def print_speed(results: Results, methods: tuple[str, ...], sizes: tuple[float, ...]) -> None:
    """Print one row per size and method."""
    rows: list[tuple[Cell, ...]] = []
    for size in sizes:
        for method in methods:
            if size > UP_TO.get(method, size):
                rows.append((f"{size:g}", method, "not tried", None, None))
                continue
            rows.append((f"{size:g}", method, *_speed(method, size)))
    head = ("megapixels", "method", "s", "processor s", "peak MB")
    results.table("×2, one run each, each in a process of its own", head, rows)


def _speed(method: str, size: float) -> tuple[Cell, Cell, Cell]:
    try:
        found = speed.measure(method, size)
    except ChildFailed as error:
        return str(error).splitlines()[-1], None, None
    return found.seconds, found.processor_seconds, found.peak_mb


def print_quality(results: Results, methods: tuple[str, ...]) -> None:
    """Print one row per factor, photo and method, and the means."""
    rows: list[tuple[Cell, ...]] = []
    for factor in (2, 4):
        for method in methods:
            found = [quality.measure(method, name, factor, SIDE) for name in NAMES]
            figures = [(one.psnr, one.ssim, one.sharpness) for one in found]
            for name, row in (
                *zip(NAMES, figures, strict=True),
                ("mean", np.mean(figures, axis=0)),
            ):
                psnr, ssim, sharpness = row
                rows.append(
                    (f"{factor}", name, method, f"{psnr:.2f}", f"{ssim:.3f}", f"{sharpness:.2f}")
                )
    head = ("shrunken by", "photo", "method", "PSNR dB", "SSIM", "sharpness")
    results.table(
        "Photos shrunken and enlarged again, beside themselves: who has the higher PSNR and SSIM is nearer to the "
        "photo (plain Lanczos, where its rows say so); sharpness is what a model adds",
        head,
        rows,
    )
    results.table(
        f"Step across the borders of tiles of {TILE} px over the steps beside them, ×2: 1 = none shows",
        ("photo", "the step", "naive tiles"),
        [(name, *quality.seams(name, TILE)) for name in NAMES[:2]],
    )


def main(arguments: list[str]) -> None:
    """Print what the arguments ask for; everything that is quick by default."""
    results = Results("upscale", ("ncnn",))
    plain = ("Lanczos", "fast, onnxruntime", "fast, half Lanczos")
    match arguments:
        case ["speed", *sizes]:
            print_speed(results, FAST, tuple(float(size) for size in sizes) or SIZES)
        case ["quality", *rest]:
            print_quality(results, (*plain, *(("best",) if "--best" in rest else ())))
        case ["best"]:
            print_speed(results, BEST, (BEST_SIZE,))
        case []:
            print_speed(results, FAST, SIZES)
            print_quality(results, plain)
        case _:
            raise SystemExit(__doc__)
    results.write(whole=not arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
