import numpy as np

from steps.anonymize.memory import Memory
from steps.backends.contract import Detection
from steps.backends.detection.stub import StubDetector
from steps.imaging.document import Pixels
from tests.steps.anonymize.markers import picture


class Counting(StubDetector):
    def __init__(self) -> None:
        self.asked: list[float] = []

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        self.asked.append(threshold)
        return super().detect(pixels, size=size, threshold=threshold)


PICTURE = picture((100, 60, 140, 160))


def test_the_same_pixels_at_the_same_size_are_looked_at_once() -> None:
    memory, detector = Memory(), Counting()
    first = memory.detect(detector, PICTURE, size=320, threshold=0.1)
    assert memory.detect(detector, PICTURE.copy(), size=320, threshold=0.1) == first != []
    assert len(detector.asked) == 1


def test_another_pixel_another_size_another_detector_are_other_looks() -> None:
    memory, detector = Memory(), Counting()
    changed = PICTURE.copy()
    changed[-1, -1, 0] ^= 1
    memory.detect(detector, PICTURE, size=320, threshold=0.1)
    memory.detect(detector, changed, size=320, threshold=0.1)
    memory.detect(detector, PICTURE, size=640, threshold=0.1)
    memory.detect(detector, PICTURE.reshape(320, 240, 3), size=320, threshold=0.1)
    assert len(detector.asked) == 4
    other = Counting()
    memory.detect(other, PICTURE, size=320, threshold=0.1)
    assert len(other.asked) == 1


def test_a_higher_threshold_is_answered_from_memory_and_a_lower_one_is_not() -> None:
    memory, detector = Memory(), Counting()
    (found,) = memory.detect(detector, PICTURE, size=320, threshold=0.2)
    assert memory.detect(detector, PICTURE, size=320, threshold=found.score) == [found]
    assert memory.detect(detector, PICTURE, size=320, threshold=found.score + 0.01) == []
    assert detector.asked == [0.2]
    memory.detect(detector, PICTURE, size=320, threshold=0.1)
    assert detector.asked == [0.2, 0.1]


def test_a_part_of_a_picture_is_known_by_its_content_alone() -> None:
    memory, detector = Memory(), Counting()
    twice = np.hstack([PICTURE, PICTURE])
    memory.detect(detector, twice[:, :320], size=320, threshold=0.1)
    memory.detect(detector, twice[:, 320:], size=320, threshold=0.1)
    assert len(detector.asked) == 1
