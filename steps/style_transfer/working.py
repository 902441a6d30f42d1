"""The size at which a picture is painted: strokes have a fixed size in px, so this decides their scale."""

import math

import numpy as np

from steps.imaging.document import Pixels

MULTIPLE = 4
"""Sides of a shrunken picture are multiples of this, so that the networks need no frame."""


def working_size(size: tuple[int, int], limit: int) -> tuple[int, int]:
    """Return the (width, height) at which a picture is painted.

    Args:
        size: (width, height) of the picture in px.
        limit: the result has at most limit × limit px, whatever its shape; smaller pictures keep
            their size.
    """
    width, height = size
    factor = limit / math.sqrt(width * height)
    if factor >= 1:
        return size
    return _side(width * factor), _side(height * factor)


def shrunk(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the picture at a smaller (width, height), each pixel the mean of its area."""
    import cv2

    if size == (pixels.shape[1], pixels.shape[0]):
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _side(exact: float) -> int:
    return max(MULTIPLE, int(exact) // MULTIPLE * MULTIPLE)
