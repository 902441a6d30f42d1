"""What an independent detector sees where the people are, or were.

It looks at every place in four squares round the person, so it misses nothing for being small in a large
picture. The same squares of the clean picture tell how often it sees somebody where nobody ever was.
"""

from collections.abc import Sequence

from benchmarks.anonymize.scenes import Person
from benchmarks.independent.ssdlite import SsdLite
from steps.backends.contract import Box
from steps.imaging.document import Pixels

THRESHOLD = 0.5
"""Score from which on a person counts as seen."""
SAME = 0.3
"""Intersection over union with the person's box; lower than for recall: a remainder is smaller."""
SQUARES = (1.3, 1.8, 2.5, 3.5)
"""Sides as multiples of the person's longer side."""


def scores(detector: SsdLite, pixels: Pixels, people: Sequence[Person]) -> list[float]:
    """Return for each person the highest score of what is seen in their place; 0 for nothing."""
    return [
        max((_best(detector, pixels, person.box, share) for share in SQUARES), default=0.0)
        for person in people
    ]


def _best(detector: SsdLite, pixels: Pixels, box: Box, share: float) -> float:
    height, width = pixels.shape[:2]
    side = round(min(height, width, share * max(box.width, box.height)))
    left = _start(box.x0, box.x1, side, width)
    top = _start(box.y0, box.y1, side, height)
    inside = Box(box.x0 - left, box.y0 - top, box.x1 - left, box.y1 - top)
    seen = detector.detect(pixels[top : top + side, left : left + side], threshold=0.05)
    return max((d.score for d in seen if d.box.iou(inside) >= SAME), default=0.0)


def _start(low: float, high: float, side: int, length: int) -> int:
    """Return where a window of `side` round [low, high) begins within 0..length."""
    return max(0, min(length - side, round((low + high - side) / 2)))
