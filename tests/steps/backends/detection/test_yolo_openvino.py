"""The same network on OpenVINO: the same things at the same places, and nothing said to anybody else."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from steps.backends.detection import openvino_runtime
from steps.backends.detection.yolo_openvino import YoloV8OpenVino
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing

from .photos import photo, yolo

pytest.importorskip("openvino")


@cache
def openvino() -> YoloV8OpenVino:
    return YoloV8OpenVino.load(Environment.from_env())


@pytest.mark.weights
@pytest.mark.parametrize("name", ["bus", "zidane"])
@pytest.mark.parametrize("size", [320, 640])
def test_sees_what_onnxruntime_sees(name: str, size: int) -> None:
    expected = yolo().detect(photo(name), size=size, threshold=0.4)
    found = openvino().detect(photo(name), size=size, threshold=0.3)
    assert expected
    for each in expected:
        same = max(found, key=lambda d: d.box.iou(each.box))
        assert same.label == each.label
        assert same.box.iou(each.box) > 0.95
        assert same.score == pytest.approx(each.score, abs=0.06)


@pytest.mark.weights
@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_says_the_same_with_any_number_of_threads(threads: str) -> None:
    other = YoloV8OpenVino.load(Environment.from_env({"RETUSCHE_THREADS": threads}))
    for size in (320, 640, 320):
        again = other.detect(photo("zidane"), size=size, threshold=0.02)
        assert again == openvino().detect(photo("zidane"), size=size, threshold=0.02) != []


@pytest.mark.weights
def test_knows_the_same_classes() -> None:
    assert openvino().classes == yolo().classes


def test_without_weights_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="yolov8n"):
        YoloV8OpenVino.load(Environment(weights_dir=tmp_path))


def test_a_damaged_model_is_named() -> None:
    with pytest.raises(WeightsInvalid, match=r"cannot open half\.onnx"):
        openvino_runtime.session(b"half a file", Environment.from_env(), name="half.onnx")


@pytest.mark.weights
def test_nothing_is_reported_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    """OpenVINO comes with a package that reports each import; looking at a picture must not even load it."""
    code = (
        "import sys, numpy as np\n"
        "from steps.environment import Environment\n"
        "from steps.backends.detection.yolo_openvino import YoloV8OpenVino\n"
        "found = YoloV8OpenVino.load(Environment.from_env())\n"
        "found.detect(np.zeros((64, 64, 3), np.uint8), size=64, threshold=0.5)\n"
        "assert 'openvino' in sys.modules\n"
        "loaded = [n for n, m in sys.modules.items() if n.startswith('openvino_telem') and m]\n"
        "assert not loaded, loaded\n"
    )
    kept = {**os.environ, "RETUSCHE_WEIGHTS_DIR": str(Environment.from_env().weights_dir)}
    subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=120, env={**kept, "HOME": str(tmp_path)}
    )
    assert list(tmp_path.iterdir()) == []
