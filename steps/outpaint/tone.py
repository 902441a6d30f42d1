"""Matching what is new to what was there: a low-frequency correction that closes the step at the border.

Along each extended edge, narrow strips on both sides are compared; their difference, smoothed along the edge,
is added to the new area and fades with the distance. Large differences are edges of things, and are left.
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels
from steps.outpaint.geometry import blocks_outside

Floats = NDArray[np.float32]
Inner = tuple[slice, slice]
"""Rows and columns of what was there, within the larger picture."""

STRIP = 0.012
"""Depth of the strips as a share of the shorter side of what was there."""
SMOOTH = 0.02
"""Smoothing along the edge, the same share."""
FADE = 0.12
"""Distance over which the correction fades, the same share."""
EDGE = 30.0
"""Difference (of 0..255) from which little is corrected."""
ROWS = 256
"""Rows corrected at a time, which bounds the memory."""


def match(pixels: Pixels, inner: Inner, forbidden: Mask) -> None:
    """Correct the pixels outside `inner`, in place.

    Args:
        pixels: RGB uint8 (height, width, 3).
        inner: rows and columns of what was there, which stays as it is.
        forbidden: uint8 (height, width), above 0 = of which nothing is to be seen; nothing is matched to it.
    """
    (top, bottom), (left, right) = ((one.start, one.stop) for one in inner)
    height, width = pixels.shape[:2]
    short = min(bottom - top, right - left)
    depth, sigma = max(1, round(STRIP * short)), max(1.0, SMOOTH * short)
    turned, taboo = pixels.swapaxes(0, 1), forbidden.T
    up = _steps(pixels, forbidden, top, -1, inner[1], depth, sigma) if top > 0 else None
    down = _steps(pixels, forbidden, bottom, 1, inner[1], depth, sigma) if bottom < height else None
    before = _steps(turned, taboo, left, -1, inner[0], depth, sigma) if left > 0 else None
    after = _steps(turned, taboo, right, 1, inner[0], depth, sigma) if right < width else None
    everywhere = np.arange(width)
    all_aside = np.maximum(np.maximum(left - everywhere, everywhere - right + 1), 0)
    all_aside = all_aside.astype(np.float32)
    all_at = np.clip(everywhere - left, 0, right - left - 1)
    reach = np.float32(max(1.0, FADE * short))
    for block in blocks_outside(inner, (height, width), ROWS):
        rows, columns = (np.arange(one.start, one.stop) for one in block)
        aside, at_column = all_aside[columns], all_at[columns]
        off = np.maximum(np.maximum(top - rows, rows - bottom + 1), 0).astype(np.float32)
        at_row = np.clip(rows - top, 0, bottom - top - 1)
        vertical = np.zeros((len(rows), len(columns), 3), np.float32)
        horizontal = np.zeros((len(rows), len(columns), 3), np.float32)
        for steps, which in ((up, rows < top), (down, rows >= bottom)):
            if steps is not None and which.any():
                vertical[which] = steps[at_column]
        for steps, which in ((before, columns < left), (after, columns >= right)):
            if steps is not None and which.any():
                horizontal[:, which] = steps[at_row][:, np.newaxis]
        far = off[:, np.newaxis] + aside
        # In the corners the two edges' corrections pass into one another.
        share = (off[:, np.newaxis] / np.maximum(far, 1))[..., np.newaxis]
        change = share * vertical + (1 - share) * horizontal
        change *= np.exp(-np.hypot(off[:, np.newaxis], aside) / reach)[..., np.newaxis]
        pixels[block] = np.clip(np.rint(pixels[block] + change), 0, 255).astype(np.uint8)


def _steps(
    pixels: Pixels,
    taboo: Mask,
    border: int,
    way: int,
    along: slice,
    depth: int,
    sigma: float,
) -> Floats:
    """Return by how much the new side of a border falls short of the old one: (length, 3).

    Args:
        pixels: turned so that the border runs along the columns.
        taboo: turned the same way; where it lies at the border, the step counts as none.
        border: first row below the border.
        way: 1 where what is new lies below, -1 above.
        along: columns of the border.
        depth: rows of each strip.
        sigma: smoothing along the border in px.
    """
    import cv2

    above = pixels[max(0, border - depth) : border, along].mean(axis=0, dtype=np.float32)
    below = pixels[border : border + depth, along].mean(axis=0, dtype=np.float32)
    old = slice(max(0, border - depth), border) if way > 0 else slice(border, border + depth)
    free = taboo[old, along].max(axis=0) == 0
    step = (above - below) * way * free[:, np.newaxis]
    smooth = cv2.GaussianBlur(step[np.newaxis], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[0]
    size = np.abs(smooth).max(axis=1, keepdims=True)
    return np.asarray(smooth * np.exp(-((size / EDGE) ** 2)), np.float32)
