"""Copying a picture's own pixels into a hole, along origins that were found at a smaller size.

So grain and texture are real at any size: only where to copy from was decided small.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

STRIP = 1 << 17
"""Pixels copied at a time, which bounds the memory."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a hole is to be filled with, decided at one size of the picture."""

    filled: Pixels
    """The picture at that size, filled."""
    hole: Flags
    """bool, of that size; n true."""
    origins: Indices
    """(n,) flat index of the pixel that each pixel of the hole, row by row, is copied from."""
    tones: Floats
    """(n, 3) what to add to each."""


def copy_along(plan: Plan, pixels: Pixels, hole: Flags, usable: Flags) -> Pixels:
    """Return `pixels` with the hole filled along the plan.

    Each pixel asks the four nearest pixels of the plan where to copy from and takes the weighted mean of what
    it finds: inside a coherent piece all four agree, so it stays sharp; at a seam the pieces fade into one
    another. Where none of the four origins is usable, the plan's own fill stands, enlarged.

    Args:
        plan: of the same picture at the same or a smaller size.
        pixels: RGB uint8 (height, width, 3).
        hole: bool (height, width).
        usable: bool (height, width), where pixels may be copied from.
    """
    copier = _Copier(plan, pixels, usable)
    result = pixels.copy()
    height, width = hole.shape
    block = max(1, STRIP // width)
    for top in range(0, height, block):
        part = hole[top : top + block]
        rows, columns = np.nonzero(part)
        if len(rows):
            result[top : top + block][part] = copier.copied(rows + top, columns)
    return result


class _Copier:
    """The plan's offsets and tones as maps, and where each row and column of the picture lies in them."""

    def __init__(self, plan: Plan, pixels: Pixels, usable: Flags) -> None:
        self._colours, self._usable = pixels.reshape(-1, 3), usable.ravel()
        self._plan = plan
        self.height, self.width = usable.shape
        tall, wide = plan.hole.shape
        rows, columns = np.nonzero(plan.hole)
        self._down = np.zeros((tall, wide), np.int32)
        self._right = np.zeros((tall, wide), np.int32)
        self._tones = np.zeros((tall, wide, 3), np.float32)
        self._down[plan.hole] = np.rint((plan.origins // wide - rows) * (self.height / tall))
        self._right[plan.hole] = np.rint((plan.origins % wide - columns) * (self.width / wide))
        self._tones[plan.hole] = plan.tones
        self._agreeing = _agreeing(plan.hole, self._down, self._right)
        self._top, self._low = _places(self.height, tall)
        self._left, self._far = _places(self.width, wide)

    def copied(self, rows: Indices, columns: Indices) -> Pixels:
        """Return the colours (n, 3) of these pixels."""
        result = np.empty((len(rows), 3), np.uint8)
        done = self._copy_agreeing(rows, columns, result)
        result[~done] = self._copied_from_four(rows[~done], columns[~done])
        return result

    def _copy_agreeing(self, rows: Indices, columns: Indices, result: Pixels) -> Flags:
        """Copy where all four pixels of the plan point to one place, most by far: asked once. Return where."""
        cell = self._top[rows] * self._plan.hole.shape[1] + self._left[columns]
        row, column = rows + self._down.take(cell), columns + self._right.take(cell)
        done = np.asarray(self._agreeing.take(cell), np.bool_)
        done &= (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        flat = row * self.width + column
        done[done] = self._usable.take(flat[done])
        colours = self._colours.take(flat[done], axis=0).astype(np.float32)
        colours += self._tone(rows[done], columns[done])
        np.rint(colours, out=colours)
        np.clip(colours, 0, 255, out=colours)
        result[done] = colours
        return done

    def _tone(self, rows: Indices, columns: Indices) -> Floats:
        """Return the tones there, (n, 3), by bilinear interpolation."""
        tall, wide = self._plan.hole.shape
        tones = self._tones.reshape(-1, 3)
        low, far = self._low[rows, np.newaxis], self._far[columns, np.newaxis]
        top, left = self._top[rows] * wide, self._left[columns]
        below = np.minimum(self._top[rows] + 1, tall - 1) * wide
        beside = np.minimum(left + 1, wide - 1)
        upper = np.asarray(tones.take(top + left, axis=0), np.float32)
        upper += far * (tones.take(top + beside, axis=0) - upper)
        lower = tones.take(below + left, axis=0)
        lower += far * (tones.take(below + beside, axis=0) - lower)
        upper += low * (lower - upper)
        return upper

    def _copied_from_four(self, rows: Indices, columns: Indices) -> Pixels:
        total = np.zeros((len(rows), 3), np.float32)
        weights = np.zeros(len(rows), np.float32)
        top, left = self._top[rows], self._left[columns]
        low, far = self._low[rows], self._far[columns]
        tall, wide = self._plan.hole.shape
        for below in (0, 1):
            for beside in (0, 1):
                near = (low if below else 1 - low) * (far if beside else 1 - far)
                cell = np.minimum(top + below, tall - 1), np.minimum(left + beside, wide - 1)
                weight, flat = self._from(rows, columns, cell, near)
                total += weight[:, np.newaxis] * (self._colours[flat] + self._tones[cell])
                weights += weight
        known = weights > 0
        total[known] /= weights[known, np.newaxis]
        total[~known] = self._plan.filled[top[~known], left[~known]]
        return np.clip(np.rint(total), 0, 255).astype(np.uint8)

    def _from(
        self, rows: Indices, columns: Indices, cell: tuple[Indices, Indices], near: Floats
    ) -> tuple[Floats, Indices]:
        """Return how much a pixel of the plan has to say, and the flat index that it points to."""
        row, column = rows + self._down[cell], columns + self._right[cell]
        inside = (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        flat = np.where(inside, row * self.width + column, 0)
        # The small addend lets an origin speak that is the only usable one, however far.
        weight = np.where(inside & self._plan.hole[cell] & self._usable[flat], near + 1e-6, 0)
        return weight.astype(np.float32), flat


def _agreeing(hole: Flags, down: NDArray[np.int32], right: NDArray[np.int32]) -> Flags:
    """Return where a pixel of the plan and those beside, below and across from it point the same way."""
    same = hole.copy()
    for far in ((0, 1), (1, 0), (1, 1)):
        rows = np.minimum(np.arange(hole.shape[0]) + far[0], hole.shape[0] - 1)
        columns = np.minimum(np.arange(hole.shape[1]) + far[1], hole.shape[1] - 1)
        place = np.ix_(rows, columns)
        same &= hole[place] & (down[place] == down) & (right[place] == right)
    return same


def _places(large: int, small: int) -> tuple[Indices, Floats]:
    """Return for each of `large` places the one of `small` before it, and how far it is to the next (0..1)."""
    place = np.clip((np.arange(large) + 0.5) * small / large - 0.5, 0, small - 1)
    before = np.minimum(np.floor(place).astype(np.intp), max(0, small - 2))
    return before, np.asarray(place - before, np.float32)
