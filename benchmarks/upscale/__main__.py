"""Prints the tables of upscaling.

    python -m benchmarks.upscale speed [MEGAPIXELS …]   (default 0.25 1 4 12; ×2)
    python -m benchmarks.upscale quality [--best]       (--best adds x4plus: minutes)
    python -m benchmarks.upscale best                   (x4plus beside ncnn: minutes, 6 GB)

Without a word: speed at 0.25 and 1 megapixel, and quality. Read the ratios within one run. Rows with
ncnn need the package ncnn.
"""

import sys

import numpy as np

from benchmarks.shared.child import ChildFailed
from benchmarks.shared.machine import machine, sentence
from benchmarks.shared.tables import Cell, table
from benchmarks.upscale import quality, speed
from benchmarks.upscale.photos import NAMES

SIZES = (0.25, 1.0, 4.0, 12.0)
FAST = ("fast, onnxruntime", "fast, ncnn", "ncnn's plain loop", "onnxruntime, whole picture")
BEST = ("best", "ncnn's plain loop, x4plus")
BEST_SIZE = 0.025
"""Megapixels at which both finish in minutes: x4plus takes about ten minutes of processor time per megapixel."""
WHOLE_UP_TO = 1.0
"""Megapixels: 2.1 kB of memory for each px make 8 GB at 4."""
SIDE = 384
"""Px of the photos' middle on which quality is measured."""


def print_speed(methods: tuple[str, ...], sizes: tuple[float, ...]) -> None:
    """Print one row per size and method."""
    rows: list[tuple[Cell, ...]] = []
    for size in sizes:
        for method in methods:
            if "whole" in method and size > WHOLE_UP_TO:
                rows.append((f"{size:g}", method, "not tried: memory", None, None))
                continue
            rows.append((f"{size:g}", method, *_speed(method, size)))
    print(table(("megapixels", "method", "s", "processor s", "peak MB"), rows), flush=True)


def _speed(method: str, size: float) -> tuple[Cell, Cell, Cell]:
    try:
        found = speed.measure(method, size)
    except ChildFailed as error:
        return str(error).splitlines()[-1], None, None
    return found.seconds, found.processor_seconds, found.peak_mb


def print_quality(methods: tuple[str, ...]) -> None:
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
    print(
        table(("shrunken by", "photo", "method", "PSNR dB", "SSIM", "sharpness"), rows), flush=True
    )


def main(arguments: list[str]) -> None:
    """Print what the arguments ask for; everything that is quick by default."""
    print(sentence(machine()), flush=True)
    plain = ("Lanczos", "fast, onnxruntime", "fast, half Lanczos")
    match arguments:
        case ["speed", *sizes]:
            print_speed(FAST, tuple(float(size) for size in sizes) or SIZES)
        case ["quality", *rest]:
            print_quality((*plain, *(("best",) if "--best" in rest else ())))
        case ["best"]:
            print_speed(BEST, (BEST_SIZE,))
        case []:
            print_speed(FAST, SIZES[:2])
            print_quality(plain)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
