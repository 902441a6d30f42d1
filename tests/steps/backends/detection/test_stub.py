import numpy as np

from steps.backends.contract import Box
from steps.backends.detection.stub import MARKERS, StubDetector
from steps.environment import Environment
from steps.imaging.document import Pixels


def picture(width: int = 200, height: int = 100) -> Pixels:
    return np.full((height, width, 3), 90, np.uint8)


def detector() -> StubDetector:
    return StubDetector.load(Environment.from_env({}))


def test_sees_markers_at_their_place() -> None:
    pixels = picture()
    pixels[20:80, 10:40] = MARKERS["person"]
    pixels[50:70, 100:150] = MARKERS["car"]
    found = {d.label: d for d in detector().detect(pixels, size=200, threshold=0.25)}
    assert found["person"].box == Box(10, 20, 40, 80)
    assert found["car"].box == Box(100, 50, 150, 70)
    assert found["person"].score > found["car"].score


def test_sees_nothing_in_a_plain_picture() -> None:
    assert detector().detect(picture(), size=200, threshold=0.01) == []


def test_small_markers_need_a_larger_size() -> None:
    pixels = picture(1000, 500)
    pixels[100:112, 100:106] = MARKERS["person"]
    assert detector().detect(pixels, size=500, threshold=0.05) == []
    assert len(detector().detect(pixels, size=1000, threshold=0.05)) == 1


def test_the_threshold_holds() -> None:
    pixels = picture()
    pixels[10:20, 10:20] = MARKERS["person"]
    (seen,) = detector().detect(pixels, size=200, threshold=0.1)
    assert detector().detect(pixels, size=200, threshold=seen.score) == [seen]
    assert detector().detect(pixels, size=200, threshold=seen.score + 0.01) == []
