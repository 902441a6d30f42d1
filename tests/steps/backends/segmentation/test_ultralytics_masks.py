"""Instance masks of ultralytics with random weights: the true loading and calling code."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from steps.backends.contract import Box
from steps.backends.segmentation.ultralytics import UltralyticsSegmenter, _best
from steps.errors import WeightsInvalid
from tests.steps.backends.torch_models.locating import here, located

pytestmark = pytest.mark.torch


def checkpoint(folder: Path, config: str) -> Path:
    """Write a checkpoint of ultralytics with random weights."""
    import torch
    import ultralytics

    torch.manual_seed(0)
    path = folder / config.replace(".yaml", ".pt")
    ultralytics.YOLO(config).save(str(path))
    return path


def test_a_checkpoint_is_loaded_and_called(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, "yolov8n-seg.yaml")
    backend = UltralyticsSegmenter.load_model(located(path, "ultralytics-segmentation"), here())
    assert len(backend.labels or ()) == 80
    mask = backend.segment(np.zeros((80, 120, 3), np.uint8), Box(20, 10, 60, 70))
    assert mask.shape == (80, 120)


def test_a_checkpoint_for_another_task_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, "yolov8n.yaml")
    with pytest.raises(WeightsInvalid, match="made to detect, wanted is one to segment"):
        UltralyticsSegmenter.load_model(located(path, "ultralytics-segmentation"), here())


def test_the_instance_that_fits_the_box_best_is_taken() -> None:
    import torch

    masks = torch.zeros(2, 8, 8)
    masks[1, 2:6, 2:6] = 1
    found = SimpleNamespace(
        boxes=SimpleNamespace(xyxy=torch.tensor([[0.0, 0, 3, 3], [2, 2, 6, 6]])),
        masks=SimpleNamespace(data=masks),
    )
    assert (_best(found, Box(2, 2, 6, 7), (8, 8)) > 0).sum() == 16
    assert not _best(found, Box(6, 6, 8, 8), (8, 8)).any()
