"""How close a filled region comes to what was really there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels

Plane = NDArray[np.float32]


def psnr(filled: Pixels, truth: Pixels, mask: Mask) -> float:
    """Return the peak signal-to-noise ratio inside the mask in dB; smooth guesses score well."""
    inside = mask > 0
    difference = filled[inside].astype(np.float64) - truth[inside]
    error = float(np.mean(difference**2))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


def ssim(filled: Pixels, truth: Pixels, mask: Mask) -> float:
    """Return the mean structural similarity inside the mask, -1..1, of the grey pictures.

    Wang et al., "Image quality assessment: from error visibility to structural similarity" (2004), with
    its constants: a Gaussian window of 1.5 px, K1 0.01, K2 0.03.
    """
    x, y = _grey(filled), _grey(truth)
    mean_x, mean_y = _window(x), _window(y)
    variance_x = _window(x * x) - mean_x**2
    variance_y = _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    )
    return float(similarity[mask > 0].mean())


def structure(filled: Pixels, truth: Pixels, mask: Mask) -> float:
    """Return how well edges agree inside the mask, -1..1: where they are, how strong, and which way they run.

    1 is the same. A smear that lacks the truth's edges loses as much as a fill that has others. After the
    gradient magnitude similarity of Xue et al., "Gradient Magnitude Similarity Deviation" (2014): its
    kernels, its half size and its constant of 170, but with whole gradients instead of their lengths.
    """
    (x0, y0), (x1, y1) = _gradients(filled), _gradients(truth)
    similarity = (2 * (x0 * x1 + y0 * y1) + 170) / (x0**2 + y0**2 + x1**2 + y1**2 + 170)
    inside = cv2.resize(mask, similarity.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return float(similarity[inside].mean())


def texture(filled: Pixels, truth: Pixels, mask: Mask) -> float:
    """Return how much fine detail the fill has, as a share of what the truth has there.

    1 is as rich as the truth, 0 is flat, above 1 is noisier. Detail is what a blur of 2 px takes away.
    """
    inside = mask > 0
    return float(_detail(filled)[inside].std() / _detail(truth)[inside].std())


def largest_difference_outside(result: Pixels, source: Pixels, mask: Mask) -> int:
    """Return the largest difference of any channel where the mask is 0, in levels of 255."""
    outside = mask == 0
    if not outside.any():
        return 0
    return int(cv2.absdiff(result, source)[outside].max())


def _grey(pixels: Pixels) -> Plane:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _gradients(pixels: Pixels) -> tuple[Plane, Plane]:
    """Return the grey picture's changes across and down, at half size."""
    grey = _grey(pixels)
    half = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    across = np.array([[1, 0, -1]] * 3, np.float32) / 3
    return (
        cv2.filter2D(half, -1, across).astype(np.float32),
        cv2.filter2D(half, -1, across.T).astype(np.float32),
    )


def _window(plane: Plane) -> Plane:
    return cv2.GaussianBlur(plane, (11, 11), 1.5).astype(np.float32)


def _detail(pixels: Pixels) -> Plane:
    grey = _grey(pixels)
    return grey - cv2.GaussianBlur(grey, (0, 0), 2.0).astype(np.float32)
