"""Segment Anything with random weights: the true code, and that boxes share passes without changing masks."""

from pathlib import Path

import numpy as np
import pytest

from steps.anonymize.mask import removals_of
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detection
from steps.backends.segmentation.segment_anything import SegmentAnything
from steps.compose import Crop
from steps.imaging.document import Pixels
from tests.steps.backends.torch_models import sam
from tests.steps.backends.torch_models.locating import here, located

pytestmark = pytest.mark.torch
BOXES = [Box(5, 5, 30, 40), Box(32, 8, 55, 44), Box(150, 60, 180, 110)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sam.write(tmp_path_factory.mktemp("sam"))


def load(folder: Path, **options: object) -> SegmentAnything:
    return SegmentAnything.load_model(located(folder, "segment-anything", **options), here())


def picture(height: int = 120, width: int = 200) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_mask_has_the_pictures_size_and_two_values(folder: Path) -> None:
    mask = load(folder).segment(picture(), BOXES[0])
    assert mask.shape == (120, 200)
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) <= {0, 255}
    assert mask.any()


def test_boxes_near_each_other_take_one_pass_and_batches_change_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = [Crop(0, 0, 60, 60), Crop(10, 0, 80, 60), Crop(120, 40, 200, 120)]
    found = []
    for batch in (1, 8):
        backend = load(folder, batch=batch)
        sizes: list[int] = []
        encode = backend._model.get_image_embeddings

        def counted(seen, encode=encode, sizes=sizes):  # type: ignore[no-untyped-def]
            sizes.append(seen.shape[0])
            return encode(seen)

        monkeypatch.setattr(backend._model, "get_image_embeddings", counted)
        found.append(backend.segment_all(picture(), BOXES, windows))
        assert sizes == ([1, 1] if batch == 1 else [2])
    for one, other, window in zip(*found, windows, strict=True):
        assert one.shape == (window.height, window.width)
        assert (one != other).mean() < 0.01  # sums of a batch are rounded in another order


def test_anonymize_asks_once_for_all_boxes_of_a_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = load(folder)
    asked: list[int] = []
    whole = backend.segment_all

    def counted(pixels, boxes, windows):  # type: ignore[no-untyped-def]
        asked.append(len(boxes))
        return whole(pixels, boxes, windows)

    monkeypatch.setattr(backend, "segment_all", counted)
    detections = [Detection("person", 0.9, box) for box in BOXES]
    detections.append(Detection("face", 0.9, Box(6, 6, 12, 12)))
    removals = removals_of(picture(), detections, AnonymizeParameters(), backend)
    assert asked == [3]
    assert len(removals) == 4
    assert removals[3].shape == "ellipse"
