from pathlib import Path

import numpy as np
import pytest

from steps.backends.detection.centerface import CenterFace, decode, with_free_size
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing

from .photos import centerface, photo


def test_decode_puts_a_box_round_its_cell() -> None:
    heat = np.zeros((8, 8), np.float32)
    heat[2, 5] = 0.9
    sizes = np.log(np.full((2, 8, 8), 3, np.float32))
    sizes[0] = np.log(5)  # height 5 cells, width 3
    boxes, scores = decode(heat, sizes, np.zeros((2, 8, 8), np.float32), 0.5)
    x, y = 5.5 * 4, 2.5 * 4
    assert boxes == pytest.approx(np.array([[x - 6, y - 10, x + 6, y + 10]]), abs=1e-4)
    assert scores == pytest.approx([0.9])


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "centerface.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(WeightsInvalid, match=r"centerface\.onnx"):
        with_free_size(path)


def test_without_weights_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="centerface"):
        CenterFace.load(Environment(weights_dir=tmp_path))


@pytest.mark.weights
@pytest.mark.parametrize("size", [320, 512, 640])
def test_sees_one_face_in_a_portrait(size: int) -> None:
    (face,) = centerface().detect(photo("astronaut"), size=size, threshold=0.3)
    assert face.label == "face"
    assert 160 < face.box.x0 < face.box.x1 < 290
    assert 50 < face.box.y0 < face.box.y1 < 230


@pytest.mark.weights
def test_sees_two_faces_at_any_input_shape() -> None:
    found = centerface().detect(photo("zidane"), size=1000, threshold=0.3)
    assert len(found) == 2


@pytest.mark.weights
def test_sees_no_face_in_a_cup() -> None:
    assert centerface().detect(photo("coffee"), size=640, threshold=0.25) == []


@pytest.mark.weights
def test_takes_a_single_pixel() -> None:
    assert centerface().detect(np.zeros((1, 1, 3), np.uint8), size=32, threshold=0.25) == []
