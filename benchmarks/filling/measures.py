"""How near a fill is to the truth."""

import cv2
import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels

CELL = 16
"""Side in px of the cells in which structure is compared."""
BINS = 9
"""Directions of a histogram of gradients (Dalal and Triggs, CVPR 2005)."""
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr(made: Pixels, truth: Pixels, hole: Mask) -> float:
    """Peak signal-to-noise ratio within the hole in dB."""
    where = hole > 0
    error = np.mean((made[where].astype(np.float64) - truth[where]) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def ssim(made: Pixels, truth: Pixels, hole: Mask) -> float:
    """Mean structural similarity of the luma within the hole (Wang et al. 2004, Gaussian of 1.5 px)."""
    a, b = _luma(made), _luma(truth)
    mean_a, mean_b = _blurred(a), _blurred(b)
    aa, bb = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    ab = _blurred(a * b) - mean_a * mean_b
    score = (2 * mean_a * mean_b + _C1) * (2 * ab + _C2)
    score /= (mean_a**2 + mean_b**2 + _C1) * (aa + bb + _C2)
    return float(score[hole > 0].mean())


def structure(made: Pixels, truth: Pixels, hole: Mask) -> float:
    """Likeness of the directions and strengths of edges, cell by cell, 0..1; blur does not score well.

    The histograms' intersection over their union: it asks for as many edges of each direction as the truth
    has, not for edges at the same pixel.
    """
    one, other = _directions(made), _directions(truth)
    where = cv2.resize(hole, one.shape[1::-1], interpolation=cv2.INTER_AREA) > 127
    shared = np.minimum(one, other)[where].sum()
    either = np.maximum(one, other)[where].sum()
    return float(shared / either) if either > 0 else 1.0


def texture(made: Pixels, truth: Pixels, hole: Mask) -> float:
    """Return how much fine detail the fill has, as a share of the truth's: 1 is as rich, below is smeared.

    The root mean square of the luma's Laplacian within the hole.
    """
    where = hole > 0
    one, other = (
        float(np.sqrt((cv2.Laplacian(_luma(pixels), cv2.CV_64F)[where] ** 2).mean()))
        for pixels in (made, truth)
    )
    return one / other if other > 0 else 1.0


def _directions(pixels: Pixels) -> NDArray[np.float64]:
    luma = _luma(pixels)
    down, across = np.gradient(luma)
    strength = np.hypot(down, across)
    bins = ((np.arctan2(down, across) % np.pi) / np.pi * BINS).astype(int) % BINS
    size = max(1, luma.shape[1] // CELL), max(1, luma.shape[0] // CELL)
    planes = [
        cv2.resize(np.where(bins == k, strength, 0.0), size, interpolation=cv2.INTER_AREA)
        for k in range(BINS)
    ]
    return np.stack(planes, axis=2)


def _luma(pixels: Pixels) -> NDArray[np.float64]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)).astype(np.float64)


def _blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5))
