"""What a style transfer did to a picture, in figures; see `report` for what they mean."""

import numpy as np

from steps.imaging.document import Mask, Pixels
from steps.style_transfer.carry import Plane, luma

SIDE = 512
"""Drift is measured at no more than SIDE × SIDE px: it is about forms, not about grain."""
SIGMA = 1.5
"""Of the Gaussian window, px, as in SSIM (Wang et al. 2004)."""
_ROUNDING = 0.01
"""Level² of contrast that float32 cannot tell from none; SSIM's constants would call a picture without any
form a faithful one."""


def drift(source: Pixels, result: Pixels, region: Mask | None) -> float:
    """Return how far the content drifted, 0..1; 0 when there was nothing to drift.

    Args:
        source: RGB uint8 (h, w, 3), already shrunk to at most `SIDE`² px.
        result: the same shape.
        region: uint8 (h, w), 0 where it does not count; None counts everything.
    """
    import cv2

    def mean(plane: Plane) -> Plane:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), SIGMA), np.float32)

    a, b = luma(source) - 128, luma(result) - 128  # small numbers, small rounding
    mean_a, mean_b = mean(a), mean(b)
    spread_a = np.sqrt(np.maximum(mean(a * a) - mean_a**2, 0))
    spread_b = np.sqrt(np.maximum(mean(b * b) - mean_b**2, 0))
    together = np.abs(mean(a * b) - mean_a * mean_b)
    kept = together / (spread_a * spread_b + np.float32(_ROUNDING))
    weight = spread_a if region is None else spread_a * (region > 0)
    total = float(weight.sum(dtype=np.float64))
    if total == 0.0:
        return 0.0
    mean_kept = float((np.minimum(kept, 1) * weight).sum(dtype=np.float64)) / total
    return min(1.0, max(0.0, 1.0 - mean_kept))


def colour_error(source: Pixels, result: Pixels, region: Mask | None) -> float:
    """Return the mean distance of (Cb, Cr), in levels, over the pixels where `region` is above 0.

    Args:
        source: RGB uint8 (h, w, 3); a regular choice of pixels is enough.
        result: the same shape.
        region: uint8 (h, w); None counts everything.
    """
    change = result.astype(np.float32) - source
    brightness = change @ np.array([0.299, 0.587, 0.114], np.float32)
    blue, red = (change[..., 2] - brightness) / 1.772, (change[..., 0] - brightness) / 1.402
    apart = np.hypot(blue, red)
    if region is not None:
        apart = apart[region > 0]
    return float(apart.mean(dtype=np.float64)) if apart.size else 0.0
