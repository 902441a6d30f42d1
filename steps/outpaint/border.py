"""Crossing the border without a step: the first px beyond it mirror the picture and pass into the fill.

A fill is decided at a small size, so at full size its lines may miss those of the picture by as much as one px
of that size. What mirrors the picture meets it exactly; over a width as small as that miss nobody sees a mirror.
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels

Inner = tuple[slice, slice]
Indices = NDArray[np.intp]

WIDTH = 0.012
"""Px beyond the border that are mixed, as a share of the shorter side of what was there."""


def reach_of(width: int, height: int) -> int:
    """Return how many px beyond the border of a picture of that size are mixed; at least 1."""
    return max(1, round(WIDTH * min(width, height)))


def meet(filled: Pixels, inner: Inner, forbidden: Mask) -> None:
    """Mix the mirrored picture into the px next to it, in place.

    Args:
        filled: RGB uint8 (height, width, 3).
        inner: rows and columns of what was there, which stays as it is.
        forbidden: uint8 (height, width), above 0 = must not be copied, mirrored neither.
    """
    rows, columns = inner
    reach = reach_of(columns.stop - columns.start, rows.stop - rows.start)
    height, width = filled.shape[:2]
    top, bottom = max(0, rows.start - reach), min(height, rows.stop + reach)
    left, right = max(0, columns.start - reach), min(width, columns.stop + reach)
    for strip in (
        (slice(top, rows.start), slice(left, right)),
        (slice(rows.stop, bottom), slice(left, right)),
        (rows, slice(left, columns.start)),
        (rows, slice(columns.stop, right)),
    ):
        down, off = _mirrored(strip[0], rows)
        across, aside = _mirrored(strip[1], columns)
        origin = np.ix_(down, across)
        far = np.hypot(off[:, np.newaxis], aside)
        share = np.clip(1 - far / (reach + 1), 0, 1) * (forbidden[origin] == 0)
        weight = share.astype(np.float32)[..., np.newaxis]
        mixed = filled[strip] * (1 - weight) + filled[origin] * weight
        filled[strip] = np.rint(mixed).astype(np.uint8)


def _mirrored(asked: slice, inner: slice) -> tuple[Indices, NDArray[np.float32]]:
    """Return for each index of `asked` the one it mirrors, and how far it lies beyond `inner`."""
    index = np.arange(asked.start, asked.stop)
    beyond = np.maximum(np.maximum(inner.start - index, index - inner.stop + 1), 0)
    mirrored = np.where(index < inner.start, 2 * inner.start - 1 - index, index)
    mirrored = np.where(index >= inner.stop, 2 * inner.stop - 1 - index, mirrored)
    return mirrored.astype(np.intp), beyond.astype(np.float32)
