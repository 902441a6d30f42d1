"""The strata of a picture: a field whose level lines follow its nearly horizontal edges.

Photos are layered: sky over roofs over walls over floors, and perspective tilts the layers. What fills a
hole should come from the same layer, so fills look for their sources along these lines. The field is
a low-order polynomial, fitted to the picture's edges by robust least squares; without clear edges it stays
the row number.
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEEPEST = 1.7
"""An edge counts when it runs this many times more across than down (about 30°)."""
FAINTEST = 8.0
"""Weakest gradient that counts, in steps of 0..255 per px."""
STRONGEST = 60.0
"""Gradient from which an edge counts no more than others."""
WINDOW = 9
"""Side in px of the neighbourhood whose gradients together say which way an edge runs: lines agree with
themselves over it, leaves and domes do not."""
NEAR = 0.35
"""Edges this far from the hole count a third, as a share of half the longer side."""
ODD = (0.3, 0.15, 0.08, 0.05, 0.05)
"""Slope error from which an edge is taken for an exception, round by round."""
STIFFNESS = 0.3
"""Pull towards plain rows, as a share of all edges' weight; a twist is held five times more than
a tilt, bends ten times more than a twist."""
LEAST_SLOPE = 0.3
"""The field grows down the picture by at least this much per row."""


def strata(pixels: Pixels, hole: Flags) -> Floats:
    """Return the field in px: (height, width), growing downwards, about one per row.

    Args:
        pixels: RGB uint8 (height, width, 3).
        hole: bool (height, width); what lies in and next to it is not looked at.
    """
    height, width = hole.shape
    half = max(height, width) / 2
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    y, x = (rows - height / 2) / half, (columns - width / 2) / half
    picked, across, down, weight = _edges(pixels, hole, half)
    bend = np.zeros(5)
    if weight.sum() > 0:
        bend = _fit(x[picked], y[picked], across, down, weight)
    shapes, _, slopes = _basis(x, y)
    lowest = float((1 + np.tensordot(bend, slopes, 1)).min())
    if lowest < LEAST_SLOPE:
        bend *= (1 - LEAST_SLOPE) / (1 - lowest)
    field = (y + np.tensordot(bend, shapes, 1)) * half + height / 2
    return np.asarray(field, np.float32)


def _edges(
    pixels: Pixels, hole: Flags, half: float
) -> tuple[tuple[NDArray[np.intp], ...], Doubles, Doubles, Doubles]:
    """Return where nearly horizontal edges are, their unit normals (across, down), and their weights."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    # Sobel's kernel weighs to eight.
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    marked = hole.astype(np.uint8)
    whole = cv2.dilate(marked, np.ones((WINDOW + 2, WINDOW + 2), np.uint8)) == 0
    for gradient in (right, down):
        gradient[cv2.dilate(marked, np.ones((3, 3), np.uint8)) > 0] = 0
    across_across = cv2.blur(right * right, (WINDOW, WINDOW)).astype(np.float64)
    across_down = cv2.blur(right * down, (WINDOW, WINDOW)).astype(np.float64)
    down_down = cv2.blur(down * down, (WINDOW, WINDOW)).astype(np.float64)
    # The tensor's first axis is the edge's normal; how much longer it is than the second, its coherence.
    spread = np.hypot(across_across - down_down, 2 * across_down)
    total = across_across + down_down + 1e-9
    angle = np.arctan2(2 * across_down, across_across - down_down) / 2
    strength = np.sqrt(total)
    lies = np.abs(np.sin(angle)) > STEEPEST * np.abs(np.cos(angle))
    picked = np.nonzero(whole & lies & (strength > FAINTEST))
    distance = cv2.distanceTransform(1 - marked, cv2.DIST_L2, cv2.DIST_MASK_5)[picked]
    weight = np.minimum(strength[picked], STRONGEST) * (spread / total)[picked] ** 2
    weight *= np.exp(-distance / (NEAR * half))
    sign = np.sign(np.sin(angle[picked]))
    return picked, sign * np.cos(angle[picked]), sign * np.sin(angle[picked]), weight


def _fit(x: Doubles, y: Doubles, across: Doubles, down: Doubles, weight: Doubles) -> Doubles:
    """Return the polynomial's factors: along each edge the field should not change."""
    _, by_x, by_y = _basis(x, y)
    change = (across * by_y - down * by_x).T
    pull = STIFFNESS * weight.sum() * np.diag([0.02, 0.1, 1.0, 1.0, 1.0])
    bend = np.zeros(change.shape[1])
    for odd in ODD:
        trust = weight / (1 + ((across + change @ bend) / odd) ** 2)
        weighted = change * trust[:, np.newaxis]
        bend = np.linalg.solve(weighted.T @ change + pull, -weighted.T @ across)
    return bend


def _basis(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return the polynomial's terms beside y itself, and their slopes along x and y."""
    one, zero = np.ones_like(x), np.zeros_like(x)
    terms = np.stack([x, x * y, x * x, x * x * y, x * y * y])
    by_x = np.stack([one, y, 2 * x, 2 * x * y, y * y])
    by_y = np.stack([zero, x, zero, x * x, 2 * x * y])
    return terms, by_x, by_y
