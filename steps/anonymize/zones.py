"""Zones of a picture as the caller draws them: where their pixels are, and what lies inside.

A point is inside by the even-odd rule: an odd number of edges lies to its left. An edge counts on
the rows y0 <= y < y1, so that a line through a corner crosses there once or not at all, and zones
that share an edge share no point.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steps.anonymize.parameters import Zone
from steps.imaging.document import Mask

Edges = NDArray[np.float64]
"""(n, 4) as xa, ya, xb, yb in px, with ya < yb; level edges are left out, they cross no row."""


def zone_mask(zones: Sequence[Zone], width: int, height: int) -> Mask:
    """Mark every pixel whose centre lies in one of the zones.

    Args:
        zones: rectangles and polygons, in fractions or px; parts beyond the picture are ignored.
        width: of the upright picture in px.
        height: of the upright picture in px.

    Returns:
        uint8 (height, width), 255 inside, 0 outside.
    """
    mask = np.zeros((height, width), np.uint8)
    for zone in zones:
        _mark(mask, _edges(zone, width, height))
    return mask


def contains(zones: Sequence[Zone], x: float, y: float, width: int, height: int) -> bool:
    """Whether a point (in px of the picture) lies in one of the zones; see `zone_mask`."""
    return any(_is_inside(_edges(zone, width, height), x, y) for zone in zones)


def _edges(zone: Zone, width: int, height: int) -> Edges:
    if zone.rectangle is not None:
        x0, y0, x1, y1 = zone.rectangle
        points: Sequence[tuple[float, float]] = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    else:
        points = zone.polygon or ()
    corners = np.array(points, np.float64)
    if zone.unit == "fraction":
        corners = corners * (width, height)
    edges = np.hstack([corners, np.roll(corners, -1, axis=0)])
    upward = edges[:, 1] > edges[:, 3]
    edges[upward] = edges[upward][:, [2, 3, 0, 1]]
    return edges[edges[:, 1] < edges[:, 3]]


def _is_inside(edges: Edges, x: float, y: float) -> bool:
    xa, ya, xb, yb = edges[(edges[:, 1] <= y) & (y < edges[:, 3])].T
    return bool(np.count_nonzero(xa + (y - ya) * (xb - xa) / (yb - ya) <= x) % 2)


def _mark(mask: Mask, edges: Edges) -> None:
    height, width = mask.shape
    if not len(edges):
        return
    first = max(0, int(edges[:, 1].min()))
    last = min(height, int(edges[:, 3].max()) + 1)
    flips = np.zeros((max(0, last - first), width + 1), np.uint8)
    for xa, ya, xb, yb in edges:
        # Rows whose centre row + 0.5 lies in [ya, yb), and the first pixel right of the edge there.
        low, high = (int(np.clip(np.ceil(y - 0.5), first, last)) for y in (ya, yb))
        y = np.arange(low, high) + 0.5
        x = xa + (y - ya) * (xb - xa) / (yb - ya)
        columns = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
        flips[np.arange(low, high) - first, columns] ^= 1
    inside = np.bitwise_xor.accumulate(flips[:, :width], axis=1)
    mask[first:last][inside == 1] = 255
