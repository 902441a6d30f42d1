import shutil
from pathlib import Path

import numpy as np
import pytest

from steps import weights
from steps.backends.detection import graph_cache, torch_checkpoint, yolov8_graph
from steps.backends.detection.yolo import YoloV8, decode
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing

from .photos import photo, yolo


def test_decode_puts_a_box_round_its_anchor() -> None:
    # One anchor of stride 8 in a 32×32 input speaks up: the one of the second row, third column.
    anchors = 16 + 4 + 1
    logits = np.full((2, anchors), -20, np.float32)
    logits[1, 6] = 3
    distances = np.full((64, anchors), -30, np.float32)
    for side, cells in enumerate((1, 0, 2, 1)):  # left, top, right, bottom
        distances[side * 16 + cells, 6] = 30
    boxes, scores, labels = decode(distances, logits, (32, 32), 0.5)
    assert boxes.tolist() == [[(2.5 - 1) * 8, (1.5 - 0) * 8, (2.5 + 2) * 8, (1.5 + 1) * 8]]
    assert scores == pytest.approx([1 / (1 + np.exp(-3))])
    assert labels.tolist() == [1]


def test_decode_of_nothing_is_empty() -> None:
    logits = np.full((80, 21), -20, np.float32)
    boxes, scores, labels = decode(np.zeros((64, 21), np.float32), logits, (32, 32), 0.25)
    assert boxes.shape == (0, 4)
    assert scores.size == labels.size == 0


def test_a_checkpoint_of_another_network_is_refused() -> None:
    with pytest.raises(WeightsInvalid, match="no DetectionModel"):
        yolov8_graph.write({"model": None})


def test_without_weights_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="yolov8n"):
        YoloV8.load(Environment(weights_dir=tmp_path))


@pytest.mark.weights
def test_knows_the_classes_of_coco() -> None:
    classes = yolo().classes
    assert len(set(classes)) == 80
    assert classes[0] == "person"
    assert classes[79] == "toothbrush"


@pytest.mark.weights
def test_sees_the_people_and_the_bus() -> None:
    found = yolo().detect(photo("bus"), size=640, threshold=0.25)
    assert [d.label for d in found].count("person") == 4
    (bus,) = [d.box for d in found if d.label == "bus"]
    assert bus.x0 < 40
    assert bus.x1 > 780
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)


@pytest.mark.weights
@pytest.mark.parametrize(("width", "height"), [(1, 1), (3000, 1), (1, 700), (33, 31)])
def test_takes_a_picture_of_any_size(width: int, height: int) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    for seen in yolo().detect(pixels, size=640, threshold=0.01):
        assert 0 <= seen.box.x0 <= seen.box.x1 <= width
        assert 0 <= seen.box.y0 <= seen.box.y1 <= height


@pytest.mark.weights
def test_says_the_same_twice() -> None:
    first = yolo().detect(photo("zidane"), size=640, threshold=0.05)
    assert yolo().detect(photo("zidane"), size=640, threshold=0.05) == first


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    source = weights.path("yolov8n", Environment.from_env())
    return Path(shutil.copy(source, tmp_path / "yolov8n.pt"))


@pytest.mark.weights
def test_the_graph_is_written_once(checkpoint: Path) -> None:
    environment = Environment.from_env()
    graph_cache.open_graph(checkpoint, environment)
    graph = graph_cache.graph_path(checkpoint)
    written = graph.stat().st_mtime_ns
    graph_cache.open_graph(checkpoint, environment)
    assert graph.stat().st_mtime_ns == written
    assert sorted(p.name for p in checkpoint.parent.iterdir()) == sorted(
        [checkpoint.name, graph.name]
    )


@pytest.mark.weights
def test_a_damaged_graph_is_written_again(checkpoint: Path) -> None:
    graph = graph_cache.graph_path(checkpoint)
    graph.write_bytes(b"half a file")
    session = graph_cache.open_graph(checkpoint, Environment.from_env())
    assert len(YoloV8(session).classes) == 80
    assert graph.stat().st_size > 12_000_000


@pytest.mark.weights
def test_the_graph_is_the_same_each_time(checkpoint: Path) -> None:
    read = torch_checkpoint.read(checkpoint)
    assert yolov8_graph.write(read) == yolov8_graph.write(torch_checkpoint.read(checkpoint))
