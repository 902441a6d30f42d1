"""Evening out the tones of what was copied together, so that neither its outline nor its seams show.

Pieces copied from different places differ in brightness and hue. A correction is found that is smooth
within each piece and makes up for the step at each seam and at the hole's edge (Poisson editing, Perez et
al., SIGGRAPH 2003, as weighted least squares): small steps are differences of tone and are closed; large
ones are edges of things and are left.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

EDGE, PLAIN_EDGE = 25.0, 70.0
"""Step (of 0..255) from which a seam counts little (a third; a fiftieth at twice that), since it is an edge, not a
tone: among texture, and where the picture is plain or out of focus and has no such edges itself."""
TEXTURE = 5.0
"""Mean difference of neighbouring pixels that makes the difference between the two."""
MOST = 48.0
"""Largest correction of any channel."""
REACH = 80.0
"""Corrections fade over about this many px away from what calls for them."""
ROUNDS = 120
"""Most steps of the solver (conjugate gradients)."""
ACCURACY = 0.02
"""The solver stops when its mean error has shrunk to this share."""
NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0))


def correction(pixels: Pixels, hole: Flags, origins: Indices) -> Floats:
    """Return what to add to each copied pixel: (n, 3), in units of 0..255.

    Args:
        pixels: RGB uint8 (height, width, 3).
        hole: bool (height, width), n true.
        origins: (n,) flat index of the pixel that each pixel of the hole, row by row, is copied from.
    """
    neighbour, weight, step = _links(pixels, hole, origins)
    fade = np.float32(1 / REACH**2)
    whole = weight.sum(axis=1)[:, np.newaxis] + fade

    def pulled(field: Floats) -> Floats:
        padded = np.vstack([field, np.zeros((1, 3), np.float32)])
        result: Floats = whole * field
        for k in range(len(NEIGHBOURS)):
            result -= weight[:, k, np.newaxis] * padded[neighbour[:, k]]
        return result

    wanted = np.einsum("nk,nkc->nc", weight, step)
    return np.asarray(np.clip(_solve(pulled, wanted, whole), -MOST, MOST), np.float32)


def _links(pixels: Pixels, hole: Flags, origins: Indices) -> tuple[Indices, Floats, Floats]:
    """Return each pixel's neighbours (n where known), how far they are to agree, and the steps to close."""
    height, width = hole.shape
    rows, columns = np.nonzero(hole)
    count = len(rows)
    number = np.full((height + 2, width + 2), -1, np.intp)
    number[1:-1, 1:-1] = count
    number[1:-1, 1:-1][hole] = np.arange(count)
    colours = pixels.reshape(-1, 3).astype(np.float32)
    edge = EDGE + (PLAIN_EDGE - EDGE) * np.exp(-_texture(pixels).ravel()[origins] / TEXTURE)
    known = ~hole.ravel()
    shown = pixels.astype(np.float32)
    shown[hole] = colours[origins]
    from_row, from_column = origins // width, origins % width
    copied = colours[origins]
    neighbours = np.empty((count, 4), np.intp)
    weights = np.zeros((count, 4), np.float32)
    steps = np.zeros((count, 4, 3), np.float32)
    for k, (down, right) in enumerate(NEIGHBOURS):
        other = number[rows + 1 + down, columns + 1 + right]
        real = other >= 0
        inside = (other >= 0) & (other < count)
        beside = np.where(real, (rows + down) * width + columns + right, 0)
        theirs = shown.reshape(-1, 3)[beside]
        # What stands beside the pixel where it comes from, against what stands beside it here; and the
        # same asked from the other side.
        mine = (
            _at(colours, known, hole.shape, (from_row + down, from_column + right), copied) - theirs
        )
        index = np.where(inside, other, 0)
        before = from_row[index] - down, from_column[index] - right
        back = _at(colours, known, hole.shape, before, copied[index])
        step = np.where(inside[:, np.newaxis], -(mine + copied - back) / 2, -mine)
        limit = np.where(inside, np.minimum(edge, edge[index]), edge)
        size = np.sqrt((step**2).mean(axis=1))
        weights[:, k] = np.where(real, np.exp(-((size / limit) ** 2)), 0)
        steps[:, k] = np.where(real[:, np.newaxis], step, 0)
        neighbours[:, k] = np.where(real, other, count)
    return neighbours, weights, steps


def _texture(pixels: Pixels) -> Floats:
    """Return how much neighbouring pixels differ round each pixel, 7×7 px, of 0..255."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    steps = np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    steps += np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
    return np.asarray(cv2.blur(steps / 2, (7, 7)), np.float32)


def _at(
    colours: Floats,
    known: Flags,
    shape: tuple[int, ...],
    place: tuple[Indices, Indices],
    otherwise: Floats,
) -> Floats:
    """Return the known colours at (rows, columns); `otherwise` where nothing is known."""
    row, column = place
    inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    flat = np.where(inside, row * shape[1] + column, 0)
    return np.where((inside & known[flat])[:, np.newaxis], colours[flat], otherwise)


def _solve(pulled: Callable[[Floats], Floats], wanted: Floats, whole: Floats) -> Floats:
    """Return x with pulled(x) = wanted, by conjugate gradients preconditioned with the diagonal `whole`."""
    field = np.zeros_like(wanted)
    error = wanted.copy()
    scaled = error / whole
    way = scaled.copy()
    size = first = (error * scaled).sum(axis=0)
    for _ in range(ROUNDS):
        if not (size > ACCURACY**2 * first).any():
            break
        change = pulled(way)
        length = size / np.maximum((way * change).sum(axis=0), 1e-12)
        field += length * way
        error -= length * change
        scaled = error / whole
        before, size = size, (error * scaled).sum(axis=0)
        way = scaled + (size / np.maximum(before, 1e-12)) * way
    return field
