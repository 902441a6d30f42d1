"""What must not show beyond the edges: the continuation is made as if it were not there, but what lies beside it."""

import numpy as np

from steps.imaging.document import Mask, Page, Pixels

VISIBLE = 128
"""Opacity from which a pixel's colour counts as seen."""
LARGE = 0.3
"""Share of the picture's shorter side from which a thing is large: where the edge cuts it, it has to go on.
Small ones are continued as if they were not there, lest one stands there twice."""
UNKNOWN = 128
"""Grey level where nothing is visible at all."""


def transparent(page: Page) -> Mask:
    """Mark what is more transparent than not: uint8 (height, width), 255 = transparent."""
    if page.alpha is None:
        return np.zeros(page.pixels.shape[:2], np.uint8)
    return np.where(page.alpha < VISIBLE, 255, 0).astype(np.uint8)


def small_pieces(mask: Mask, largest: float) -> Mask:
    """Return the connected pieces of a mask of which both sides are below `largest` px."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 0).astype(np.uint8))
    small = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) < largest
    small[0] = False
    return np.where(small[labels], 255, 0).astype(np.uint8)


def shown(page: Page) -> Pixels:
    """Return the pixels, what is transparent covered: nothing that follows can bring a hidden colour to light."""
    return covered(page.pixels, transparent(page))


def covered(pixels: Pixels, mask: Mask) -> Pixels:
    """Return the pixels with each masked one's colour replaced by that of the nearest one that is not.

    Args:
        pixels: RGB uint8 (height, width, 3).
        mask: uint8 (height, width), above 0 = to cover; grey where nothing is left to see.
    """
    import cv2

    hidden = mask > 0
    if not hidden.any():
        return pixels
    if hidden.all():
        return np.full_like(pixels, UNKNOWN)
    marked = np.where(hidden, 255, 0).astype(np.uint8)
    _, label = cv2.distanceTransformWithLabels(
        marked, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    visible = np.flatnonzero(~hidden)
    nearest = np.zeros(int(label.max()) + 1, np.intp)
    nearest[label.ravel()[visible]] = visible
    result = pixels.copy()
    result[hidden] = pixels.reshape(-1, 3)[nearest[label[hidden]]]
    return result
