"""Detectors of transformers with random weights: the true loading and calling code, and what the contract says."""

from pathlib import Path

import numpy as np
import pytest

from steps.backends.detection.transformers import TransformersDetector
from steps.errors import WeightsInvalid
from steps.imaging.document import Pixels
from tests.steps.backends.torch_models.detectors import write_rtdetr
from tests.steps.backends.torch_models.locating import here, located

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rtdetr(tmp_path_factory.mktemp("rtdetr"))


@pytest.fixture(scope="module")
def detector(folder: Path) -> TransformersDetector:
    return TransformersDetector.load_model(located(folder, "transformers-detector"), here())


def picture(height: int = 90, width: int = 150) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_the_classes_are_the_models_own(detector: TransformersDetector) -> None:
    assert detector.classes == ("person", "car", "dog")


@pytest.mark.parametrize("size", [64, 128])
def test_boxes_lie_in_the_picture_best_first_above_the_threshold(
    detector: TransformersDetector, size: int
) -> None:
    found = detector.detect(picture(), size=size, threshold=0.3)
    scores = [each.score for each in found]
    assert found
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 0.3
    for each in found:
        assert 0 <= each.box.x0 <= each.box.x1 <= 150
        assert 0 <= each.box.y0 <= each.box.y1 <= 90
        assert each.label in detector.classes


@pytest.mark.parametrize("shape", [(1, 1), (200, 8), (8, 200)])
def test_sizes_below_what_the_network_can_take_are_raised(
    detector: TransformersDetector, shape: tuple[int, int]
) -> None:
    assert isinstance(detector.detect(picture(*shape), size=32, threshold=0.5), list)


def test_the_same_picture_gives_the_same_answer(detector: TransformersDetector) -> None:
    first, second = (detector.detect(picture(), size=64, threshold=0.3) for _ in range(2))
    assert first == second


def test_a_threshold_above_all_scores_gives_nothing(detector: TransformersDetector) -> None:
    assert detector.detect(picture(1, 1), size=64, threshold=0.999) == []


def test_a_folder_of_another_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "nix"}')
    (tmp_path / "model.safetensors").write_bytes(b"x")
    with pytest.raises(WeightsInvalid, match="holds no AutoModelForObjectDetection"):
        TransformersDetector.load_model(located(tmp_path, "transformers-detector"), here())
