"""Measures whether the borders between tiles show.

Two figures, both taken on what is delivered. Where two tiles meet, both have made a strip beyond
the border: what they disagree by there is the error of tiling itself. And the step from one side
of a border to the other is set in relation to the steps beside it, which a naive tiling raises.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from steps.imaging.document import Pixels


@dataclass(frozen=True, slots=True)
class Seam:
    """What was measured at the borders between tiles; all zero where there was one tile only."""

    largest: int = 0
    """Largest difference between two neighbouring tiles in the strip that both made, 0..255."""
    mean: float = 0.0
    """Mean difference there, 0..255."""
    across: float = 0.0
    """Mean step from the pixels before a border to those after it, 0..255."""
    beside: float = 0.0
    """Mean step between pixels near the borders; borders show where `across` is clearly larger."""


class Disagreement:
    """Sums up the differences between neighbouring tiles."""

    def __init__(self) -> None:
        self._largest = 0
        self._sum = 0
        self._count = 0

    def add(self, before: Pixels, after: Pixels) -> None:
        """Compare what two tiles made of the same pixels."""
        if before.size == 0:
            return
        difference = np.abs(before.astype(np.int16) - after)
        self._largest = max(self._largest, int(difference.max()))
        self._sum += int(difference.sum(dtype=np.int64))
        self._count += difference.size

    def seam(self, across: float, beside: float) -> Seam:
        """Return the figures, with those of `border_steps`."""
        mean = self._sum / self._count if self._count else 0.0
        return Seam(self._largest, mean, across, beside)


def border_steps(
    pixels: Pixels, columns: Iterable[int], rows: Iterable[int], *, beside: int
) -> tuple[float, float]:
    """Return the mean step across borders, and the mean step `beside` px away from them.

    Args:
        pixels: the whole result, RGB uint8 (height, width, 3).
        columns: x of the first pixel after each vertical border.
        rows: y of the first pixel after each horizontal border.
        beside: distance in px, at least 1, of the steps to compare with.

    Returns:
        Both 0..255; 0.0 where there is nothing to measure.
    """
    across: list[float] = []
    near: list[float] = []
    for picture, borders in ((pixels.swapaxes(0, 1), columns), (pixels, rows)):
        for border in borders:
            across.append(_step(picture, border))
            near.extend(
                _step(picture, place)
                for place in (border - beside, border + beside)
                if 1 <= place < len(picture)
            )
    return _mean(across), _mean(near)


def _mean(steps: list[float]) -> float:
    return float(np.mean(steps)) if steps else 0.0


def _step(picture: Pixels, row: int) -> float:
    """Mean absolute difference between a row and the one before it."""
    return float(np.abs(picture[row].astype(np.int16) - picture[row - 1]).mean())
