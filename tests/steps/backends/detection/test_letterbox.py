import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.backends.detection.letterbox import GREY, Letterbox

side = st.integers(1, 9000)
size = st.integers(1, 2048)


@settings(deadline=None)
@given(side, side, size)
def test_the_input_is_a_multiple_of_the_stride_and_holds_the_picture(
    width: int, height: int, size: int
) -> None:
    frame = Letterbox.fit(width, height, size=size)
    assert frame.outer[0] % 32 == 0
    assert frame.outer[1] % 32 == 0
    assert max(frame.inner) == max(frame.outer) == -(-size // 32) * 32
    assert frame.left >= 0
    assert frame.left + frame.inner[0] <= frame.outer[0]
    assert frame.top >= 0
    assert frame.top + frame.inner[1] <= frame.outer[1]
    assert min(frame.inner) >= 1


@settings(deadline=None)
@given(side, side, size)
def test_the_whole_picture_maps_back_to_itself(width: int, height: int, size: int) -> None:
    frame = Letterbox.fit(width, height, size=size)
    inner = [frame.left, frame.top, frame.left + frame.inner[0], frame.top + frame.inner[1]]
    (back,) = frame.undo(np.array([inner], np.float32)).tolist()
    assert back == pytest.approx([0, 0, width, height], rel=1e-5)


def test_boxes_are_clipped_to_the_picture() -> None:
    frame = Letterbox.fit(100, 50, size=64)
    (back,) = frame.undo(np.array([[-5, -5, 500, 500]], np.float32)).tolist()
    assert back == [0, 0, 100, 50]


# Worked out by hand from ultralytics' LetterBox(auto=True, stride=32).
@pytest.mark.parametrize(
    ("width", "height", "inner", "outer", "corner"),
    [
        (810, 1080, (480, 640), (480, 640), (0, 0)),
        (1280, 720, (640, 360), (640, 384), (0, 12)),
        (1000, 333, (640, 213), (640, 224), (0, 5)),
        (1, 1, (640, 640), (640, 640), (0, 0)),
        (9000, 1, (640, 1), (640, 32), (0, 15)),
    ],
)
def test_known_geometry(
    width: int,
    height: int,
    inner: tuple[int, int],
    outer: tuple[int, int],
    corner: tuple[int, int],
) -> None:
    frame = Letterbox.fit(width, height, size=640)
    assert (frame.inner, frame.outer, (frame.left, frame.top)) == (inner, outer, corner)


def test_the_border_is_grey_and_the_picture_inside() -> None:
    pixels = np.full((20, 64, 3), 200, np.uint8)
    framed = Letterbox.fit(64, 20, size=64).apply(pixels)
    assert framed.shape == (32, 64, 3)
    assert (framed[:6] == GREY).all()
    assert (framed[6:26] == 200).all()
    assert (framed[26:] == GREY).all()
