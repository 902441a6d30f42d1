"""A detector without weights: it sees rectangles of marker colours.

For unit tests, and for trying the service out where no weights can be had. Saturated magenta
(255, 0, 255) is a "person", saturated cyan (0, 255, 255) a "car". A marker that shrinks away at the
size at which it looks is not seen, as with a real detector.
"""

import numpy as np
from numpy.typing import NDArray

from steps.backends.contract import Box, Capability, Descriptor, Detection, Detector
from steps.environment import Environment
from steps.imaging.document import Pixels

MARKERS: dict[str, tuple[int, int, int]] = {"person": (255, 0, 255), "car": (0, 255, 255)}
"""Colour (RGB) by label."""
SMALLEST = 4
"""Px of the scaled picture that a marker's shorter side must have to be seen."""
SURE = 24
"""Px of the scaled picture from which on the score is its highest, 0.95."""


class StubDetector(Detector):
    """Finds marker rectangles; deterministic, needs no weights."""

    descriptor = Descriptor(
        name="stub",
        capability=Capability.DETECTION,
        summary="Sees magenta rectangles as people and cyan ones as cars; for tests",
        licence="Apache-2.0",
        source="this package",
        requires=("cv2",),
        default=True,
    )
    classes = tuple(MARKERS)

    @classmethod
    def load(cls, environment: Environment) -> "StubDetector":
        """Return it; there is nothing to load."""
        return cls()

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        """Find the markers; see `Detector.detect`."""
        scale = size / max(pixels.shape[:2])
        found = [
            Detection(label, score, box)
            for label, color in MARKERS.items()
            for box in _rectangles((np.abs(pixels.astype(np.int16) - color) <= 40).all(axis=2))
            if (score := _score(min(box.width, box.height) * scale)) >= threshold
        ]
        return sorted(found, key=lambda d: (-d.score, d.label, d.box.x0, d.box.y0))


def _score(side: float) -> float:
    if side < SMALLEST:
        return 0.0
    return round(0.15 + 0.8 * min(1.0, side / SURE), 6)


def _rectangles(marked: NDArray[np.bool_]) -> list[Box]:
    import cv2

    count, _, stats, _ = cv2.connectedComponentsWithStats(marked.astype(np.uint8), connectivity=4)
    boxes = [tuple(int(n) for n in stats[i]) for i in range(1, count)]
    return [Box(x, y, x + w, y + h) for x, y, w, h, area in boxes if area >= 0.5 * w * h]
