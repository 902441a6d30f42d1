"""Several processes may write the graph of one checkpoint at the same time."""

import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from steps import weights
from steps.backends.detection import graph_cache
from steps.backends.detection.yolo import YoloV8
from steps.environment import Environment


def classes_of(checkpoint: Path) -> int:
    environment = Environment.from_env({"RETUSCHE_THREADS": "1"})
    return len(YoloV8(graph_cache.open_graph(checkpoint, environment)).classes)


@pytest.mark.slow
@pytest.mark.weights
def test_processes_that_write_at_once_all_get_a_whole_graph(tmp_path: Path) -> None:
    source = weights.path("yolov8n", Environment.from_env())
    checkpoint = Path(shutil.copy(source, tmp_path / "yolov8n.pt"))
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(classes_of, [checkpoint] * 6)) == [80] * 6
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {checkpoint.name, graph_cache.graph_path(checkpoint).name}
