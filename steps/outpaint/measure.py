"""Measuring the border between the original and what is new."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steps.fill import seam_of
from steps.imaging.document import Pixels
from steps.outpaint.border import reach_of
from steps.outpaint.geometry import Extension

DEPTH = 4
"""Rows or columns of each strip."""
LENGTH = 16
"""Px along the border that are compared as one."""


@dataclass(frozen=True, slots=True)
class Border:
    """What was measured; None where there is no border."""

    seam: float | None
    """Step across the border over the step beside it."""
    colour_difference: float | None
    """Mean ΔE (CIE 1976) between patches inside the border and beyond the mixed px outside it."""
    colour_difference_inside: float | None
    """The same between patches as far apart inside the original."""


def measure(pixels: Pixels, extension: Extension) -> Border:
    """Measure a result; see `Border`.

    The first px beyond the border mirror the original (`steps.outpaint.border`), so strips right at it would
    agree by construction: colours are compared with what lies beyond those px. Only a frame round
    the border is looked at, so memory does not grow with the picture's area.
    """
    across: list[float] = []
    inside: list[float] = []
    seams: list[tuple[float, int]] = []
    height, width = pixels.shape[:2]
    columns = slice(extension.left, width - extension.right)
    rows = slice(extension.top, height - extension.bottom)
    gap = reach_of(columns.stop - columns.start, rows.stop - rows.start)
    depth = gap + DEPTH
    turned = pixels.swapaxes(0, 1)
    for picture, along, border in (
        (pixels, columns, extension.top),
        (pixels[::-1], columns, extension.bottom),
        (turned, rows, extension.left),
        (turned[::-1], rows, extension.right),
    ):
        if not border:
            continue
        at = min(border, depth)
        strip = np.ascontiguousarray(picture[border - at : border + depth, along])
        outer, first, deeper = strip[:DEPTH], strip[at : at + DEPTH], strip[at + gap :]
        across += _differences(outer, first)
        inside += _differences(deeper, first)
        marked = np.zeros(strip.shape[:2], np.uint8)
        marked[:at] = 255
        seam = seam_of(strip, marked)
        if seam is not None:
            seams.append((seam, strip.shape[1]))
    return Border(
        seam=sum(s * n for s, n in seams) / sum(n for _, n in seams) if seams else None,
        colour_difference=float(np.mean(across)) if across else None,
        colour_difference_inside=float(np.mean(inside)) if inside else None,
    )


def _differences(one: Pixels, other: Pixels) -> list[float]:
    """Return ΔE between the patches of two strips, one for each `LENGTH` px along them."""
    if not len(one) or not len(other):
        return []
    apart = _lab_of_patches(one) - _lab_of_patches(other)
    return [float(size) for size in np.sqrt((apart**2).sum(axis=1))]


def _lab_of_patches(strip: Pixels) -> NDArray[np.float32]:
    import cv2

    starts = range(0, strip.shape[1], LENGTH)
    means = [strip[:, at : at + LENGTH].reshape(-1, 3).mean(axis=0) / 255 for at in starts]
    lab = cv2.cvtColor(np.asarray(means, np.float32)[np.newaxis], cv2.COLOR_RGB2LAB)
    return np.asarray(lab[0], np.float32)
