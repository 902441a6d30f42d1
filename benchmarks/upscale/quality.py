"""How near an upscaled photo is to the original that it was shrunken from, and how sharp."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.upscale.methods import ENVIRONMENT, METHODS
from benchmarks.upscale.photos import photo
from steps import residency
from steps.backends.contract import Upscaler
from steps.contract import Context
from steps.imaging.document import Pixels
from steps.tiling import Box, run_tiled
from steps.tiling.seams import border_steps

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one method on one photo."""

    psnr: float
    """dB over the three channels; higher is nearer."""
    ssim: float
    """Structural similarity of the luma, 0..1 (Wang et al. 2004, Gaussian of 1.5 px)."""
    sharpness: float
    """Mean gradient divided by the original's: 1 is as sharp, below is softer, above is harder."""


def measure(method: str, name: str, factor: int, side: int) -> Quality:
    """Shrink the middle of a photo by area, upscale it again, compare.

    Args:
        method: of `METHODS`.
        name: of the photo.
        factor: by which it is shrunken and upscaled.
        side: longest side in px of the part that is taken.
    """
    truth = _middle(photo(name), factor, side)
    size = (truth.shape[1] // factor, truth.shape[0] // factor)
    small = np.asarray(cv2.resize(truth, size, interpolation=cv2.INTER_AREA), np.uint8)
    made = METHODS[method](small, float(factor))
    return Quality(psnr(made, truth), ssim(_luma(made), _luma(truth)), _sharpness(made, truth))


def seams(name: str, tile: int) -> tuple[float, float]:
    """Return the step across the borders of tiles relative to the steps beside them, ×2: ours, and naive tiles.

    Ours by the step's own tiling with that tile; naive tiles are enlarged one by one, without overlap.
    1 = borders do not show.
    """
    source = photo(name)
    height, width = source.shape[:2]
    backend = residency.choose(Upscaler, "auto", ENVIRONMENT)
    context = Context(environment=ENVIRONMENT)

    def enlarge(pixels: Pixels, box: Box, size: tuple[int, int]) -> Pixels:
        return backend.upscale(pixels, box=box, size=size, check_cancelled=context.check_cancelled)

    ours = run_tiled(
        source,
        (2 * width, 2 * height),
        enlarge,
        tile=tile,
        overlap=backend.overlap,
        context=context,
    ).pixels
    naive = np.empty_like(ours)
    columns, rows = range(0, width, tile), range(0, height, tile)
    for y in rows:
        for x in columns:
            part = np.ascontiguousarray(source[y : y + tile, x : x + tile])
            tall, wide = part.shape[:2]
            made = enlarge(part, (0, 0, wide, tall), (2 * wide, 2 * tall))
            naive[2 * y : 2 * (y + tall), 2 * x : 2 * (x + wide)] = made
    borders = [2 * x for x in columns][1:], [2 * y for y in rows][1:]
    across, beside = border_steps(ours, *borders, beside=2)
    naive_across, naive_beside = border_steps(naive, *borders, beside=2)
    return across / beside, naive_across / naive_beside


def psnr(made: Pixels, truth: Pixels) -> float:
    """Peak signal-to-noise ratio in dB."""
    error = np.mean((made.astype(np.float64) - truth) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def ssim(made: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Mean structural similarity of two planes, 0..1."""

    def blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5))

    a, b = blurred(made), blurred(truth)
    aa, bb = blurred(made**2) - a * a, blurred(truth**2) - b * b
    ab = blurred(made * truth) - a * b
    score = (2 * a * b + _C1) * (2 * ab + _C2) / ((a * a + b * b + _C1) * (aa + bb + _C2))
    return float(score.mean())


def _sharpness(made: Pixels, truth: Pixels) -> float:
    return _gradient(_luma(made)) / _gradient(_luma(truth))


def _gradient(plane: NDArray[np.float64]) -> float:
    down, across = np.gradient(plane)
    return float(np.hypot(down, across).mean())


def _luma(pixels: Pixels) -> NDArray[np.float64]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)).astype(np.float64)


def _middle(pixels: Pixels, factor: int, side: int) -> Pixels:
    height, width = (min(side, length) // factor * factor for length in pixels.shape[:2])
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])
