"""Putting something else where things were: blurred, pixelated, or one colour (filled: `steps.fill`)."""

from collections.abc import Sequence

import numpy as np

from steps.anonymize.mask import Removal
from steps.compose import blend
from steps.imaging.document import Mask, Pixels

CELLS = 6
"""Cells across the shorter side of a blurred or pixelated thing. A face keeps 6 × 8 mean colours, too few to
tell people apart (recognition fails below about 16 px between the eyes: Zou and Yuen, 2012)."""


def coarsen(
    pixels: Pixels,
    removals: Sequence[Removal],
    opacity: Mask,
    *,
    smooth: bool,
    strength: float = 1.0,
) -> Pixels:
    """Blur (`smooth`) or pixelate each thing, so coarsely that it cannot be told who or what it was.

    Args:
        pixels: the page, RGB uint8 (height, width, 3).
        removals: the things, for their sizes.
        opacity: the page's opacity; where it is 0 nothing changes.
        smooth: blur rather than pixelate.
        strength: above 1 leaves fewer cells.
    """
    import cv2

    result = pixels.copy()
    for removal in removals:
        area = removal.crop.slices
        cell = max(1.0, removal.scale * strength / CELLS)
        columns = max(1, round(removal.crop.width / cell))
        rows = max(1, round(removal.crop.height / cell))
        small = cv2.resize(result[area], (columns, rows), interpolation=cv2.INTER_AREA)
        way = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
        size = (removal.crop.width, removal.crop.height)
        coarse = cv2.resize(small, size, interpolation=way).astype(np.uint8)
        edge = np.minimum(removal.opacity, opacity[area])
        result[area] = blend(result[area], coarse.reshape(result[area].shape), edge)
    return result


def cover(pixels: Pixels, opacity: Mask, color: str) -> Pixels:
    """Cover everything whose opacity is above 0 with one colour (#rrggbb), hard-edged."""
    result = pixels.copy()
    result[opacity > 0] = tuple(bytes.fromhex(color.removeprefix("#")))
    return result
