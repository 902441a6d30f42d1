"""Fits pictures to what the style networks take: sides that they can halve twice, values 0..1."""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Floats = NDArray[np.float32]

SIDE_MULTIPLE = 4
"""Both networks halve the picture twice and double it again."""
LEAST_SIDE = 16
"""Reflecting 4 px at full size and 1 px at a quarter needs at least 8 px; 16 leaves room."""


def framed(pixels: Pixels) -> Floats:
    """Return the picture as 0..1 (height, width, 3), mirrored on the right and below to a size that fits."""
    height, width = pixels.shape[:2]
    below, right = (_missing(side) for side in (height, width))
    values: Floats = pixels.astype(np.float32) / np.float32(255)
    if not below and not right:
        return values
    return np.pad(values, ((0, below), (0, right), (0, 0)), mode="reflect")


def unframed(values: Floats, like: Pixels) -> Pixels:
    """Return 0..1 (height, width, 3) as pixels of the size of `like`."""
    height, width = like.shape[:2]
    return np.rint(np.clip(values[:height, :width], 0, 1) * 255).astype(np.uint8)


def _missing(side: int) -> int:
    return max(LEAST_SIDE, -(-side // SIDE_MULTIPLE) * SIDE_MULTIPLE) - side
