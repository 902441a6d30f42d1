"""Both YOLO backends read one checkpoint; they must say the same."""

import numpy as np
import pytest

from steps.backends.contract import Detection
from steps.backends.detection.ultralytics import Ultralytics
from steps.environment import Environment

from .photos import photo, yolo

pytestmark = [pytest.mark.torch, pytest.mark.weights]


@pytest.fixture(scope="module")
def ultralytics() -> Ultralytics:
    return Ultralytics.load(
        Environment.from_env({"RETUSCHE_DEVICE": "cpu", "RETUSCHE_THREADS": "2"})
    )


def corners(found: list[Detection]) -> np.ndarray:
    return np.array([[d.box.x0, d.box.y0, d.box.x1, d.box.y1] for d in found])


@pytest.mark.parametrize("name", ["bus", "zidane"])
@pytest.mark.parametrize("size", [320, 640, 1000, 1280])
def test_the_light_backend_equals_ultralytics(
    ultralytics: Ultralytics, name: str, size: int
) -> None:
    theirs = ultralytics.detect(photo(name), size=size, threshold=0.05)
    ours = yolo().detect(photo(name), size=size, threshold=0.05)
    assert len(theirs) >= 8
    assert [d.label for d in ours] == [d.label for d in theirs]
    assert np.abs(corners(ours) - corners(theirs)).max() <= 0.01
    assert max(abs(a.score - b.score) for a, b in zip(ours, theirs, strict=True)) <= 0.001


def test_a_crop_of_odd_shape_agrees_too(ultralytics: Ultralytics) -> None:
    crop = np.ascontiguousarray(photo("bus")[201:900, 13:390])
    theirs = ultralytics.detect(crop, size=640, threshold=0.25)
    ours = yolo().detect(crop, size=640, threshold=0.25)
    assert theirs
    assert np.abs(corners(ours) - corners(theirs)).max() <= 0.01


def test_both_know_the_same_classes(ultralytics: Ultralytics) -> None:
    assert ultralytics.classes == yolo().classes
