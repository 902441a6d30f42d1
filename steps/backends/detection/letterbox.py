"""Scales a picture into a network's input and boxes back: the geometry of ultralytics' LetterBox.

The picture keeps its aspect, its longer side becomes `size`, and grey is added evenly round it up
to the next multiple of the stride. Boxes equal ultralytics' own only if every rounding is the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

GREY = 114
"""Value of the added border, as in ultralytics' training."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture lies in the network's input."""

    source: tuple[int, int]
    """(width, height) of the picture."""
    inner: tuple[int, int]
    """(width, height) that it is scaled to."""
    outer: tuple[int, int]
    """(width, height) of the network's input, multiples of the stride."""
    left: int
    """Columns of border left of the picture."""
    top: int
    """Rows of border above it."""

    @classmethod
    def fit(cls, width: int, height: int, *, size: int, stride: int = 32) -> "Letterbox":
        """Place a picture of (width, height) px at a longest side of `size`.

        Args:
            width: of the picture, at least 1 px.
            height: of the picture, at least 1 px.
            size: longest side in px; rounded up to a multiple of `stride`.
            stride: the network's own.
        """
        size = max(stride, -(-size // stride) * stride)
        ratio = min(size / width, size / height)
        inner = max(round(width * ratio), 1), max(round(height * ratio), 1)
        spare = (size - inner[0]) % stride / 2, (size - inner[1]) % stride / 2
        left, top = round(spare[0] - 0.1), round(spare[1] - 0.1)
        right, bottom = round(spare[0] + 0.1), round(spare[1] + 0.1)
        outer = inner[0] + left + right, inner[1] + top + bottom
        return cls((width, height), inner, outer, left, top)

    def apply(self, pixels: Pixels) -> Pixels:
        """Scale the picture (bilinear) and add the border; (height, width, 3) uint8."""
        import cv2

        scaled = pixels
        if self.inner != self.source:
            scaled = cv2.resize(pixels, self.inner, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
        width, height = self.outer
        framed = np.full((height, width, 3), GREY, np.uint8)
        rows = slice(self.top, self.top + self.inner[1])
        framed[rows, self.left : self.left + self.inner[0]] = scaled
        return framed

    def undo(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring boxes (n, 4) as x0, y0, x1, y1 back to the picture, clipped to it."""
        (width, height), (w, h) = self.source, self.inner
        offset = np.array([self.left, self.top] * 2, np.float32)
        gain = np.array([w / width, h / height] * 2, np.float32)
        limit = np.array([width, height] * 2, np.float32)
        restored: NDArray[np.float32] = (boxes - offset) / gain
        return np.clip(restored, np.float32(0), limit)
