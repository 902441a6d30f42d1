"""The geometry of tiles: which window of the source makes which part of the result.

The result may have another size than the source. Tiles cover it exactly once; their windows in the
source reach further by the overlap, and where they reach outside the picture it is reflected.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Size = tuple[int, int]
"""(width, height) in pixels."""
Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in pixels, fractional; (0, 0) is the corner of the first pixel."""


@dataclass(frozen=True, slots=True)
class Rect:
    """Whole pixels [x0, x1) × [y0, y1)."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def size(self) -> Size:
        """(width, height) in pixels."""
        return self.x1 - self.x0, self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Tile:
    """One call of the work: what it sees, and what it makes."""

    window: Rect
    """In px of the source; may reach outside the picture."""
    target: Rect
    """In px of the result; the targets of a grid cover the result exactly once."""

    def box(self, target: Rect, source_size: Size, target_size: Size) -> Box:
        """Return a part of the result in px of the window, from the window's corner."""
        across, down = source_size[0] / target_size[0], source_size[1] / target_size[1]
        return (
            target.x0 * across - self.window.x0,
            target.y0 * down - self.window.y0,
            target.x1 * across - self.window.x0,
            target.y1 * down - self.window.y0,
        )


def grid(
    source: Size, target: Size, *, tile: int, overlap: int, multiple: int = 1
) -> tuple[Tile, ...]:
    """Cut the result into tiles of nearly equal size, row by row.

    Args:
        source: (width, height) of the picture in px.
        target: (width, height) of the result in px.
        tile: longest side of a tile without its overlap, in px of the source.
        overlap: px of the source that every window reaches further, on each side.
        multiple: width and height of every window are multiples of this.

    Returns:
        Tiles whose windows all have one size.
    """
    columns = _axis(source[0], target[0], tile=tile, overlap=overlap, multiple=multiple)
    rows = _axis(source[1], target[1], tile=tile, overlap=overlap, multiple=multiple)
    return tuple(
        Tile(Rect(wx0, wy0, wx1, wy1), Rect(tx0, ty0, tx1, ty1))
        for wy0, wy1, ty0, ty1 in rows
        for wx0, wx1, tx0, tx1 in columns
    )


def _axis(
    source: int, target: int, *, tile: int, overlap: int, multiple: int
) -> list[tuple[int, int, int, int]]:
    """Return (window start, window end, target start, target end) of each tile on one axis."""
    count = min(target, math.ceil(source / tile))
    borders = [target * i // count for i in range(count + 1)]
    spans = [
        (start * source // target, -(-end * source // target)) for start, end in pairwise(borders)
    ]
    side = max(end - start for start, end in spans) + 2 * overlap
    side = -(-side // multiple) * multiple
    return [
        (first - overlap, first - overlap + side, start, end)
        for (first, _), (start, end) in zip(spans, pairwise(borders), strict=True)
    ]


def cut(pixels: NDArray[np.uint8], window: Rect) -> NDArray[np.uint8]:
    """Cut a window out of a picture or mask; outside of it the picture is reflected at its borders.

    Args:
        pixels: shape (height, width) or (height, width, channels).
        window: may lie anywhere.

    Returns:
        Array of the window's size; a view where the window lies inside the picture.
    """
    height, width = pixels.shape[:2]
    if window.x0 >= 0 and window.y0 >= 0 and window.x1 <= width and window.y1 <= height:
        return pixels[window.y0 : window.y1, window.x0 : window.x1]
    rows = _reflected(window.y0, window.y1, height)
    columns = _reflected(window.x0, window.x1, width)
    return pixels[rows[:, None], columns]


def _reflected(start: int, end: int, length: int) -> NDArray[np.intp]:
    """Indices start..end folded back into 0..length-1; the border itself is not repeated."""
    if length == 1:
        return np.zeros(end - start, dtype=np.intp)
    period = 2 * (length - 1)
    position = np.arange(start, end) % period
    return np.minimum(position, period - position).astype(np.intp)


def tile_within(
    budget: int, *, bytes_per_pixel: int, overlap: int, largest: int, floor: int
) -> int:
    """Return the side of the largest tile whose window stays within a memory budget.

    Args:
        budget: bytes that one call of the work may take.
        bytes_per_pixel: bytes that it takes for each px of its window.
        overlap: px round the tile that belong to its window.
        largest: side in px above which larger tiles bring nothing.
        floor: side in px below which no tile is made, whatever the budget.

    Returns:
        Side in px without the overlap, floor..largest.
    """
    side = math.isqrt(max(0, budget) // bytes_per_pixel) - 2 * overlap
    return max(floor, min(largest, side))
