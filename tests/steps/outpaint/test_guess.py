"""The guess of what lies beyond the edges: lines go on as they run, and nothing forbidden is drawn out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.imaging.document import Page
from steps.outpaint.geometry import Extension
from steps.outpaint.guess import drawn_out
from steps.outpaint.hidden import covered, shown, small_pieces
from tests.steps.anonymize.markers import picture


def half_planes(slope: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Bright above a line through the middle, dark below; the slope in px down per px to the right."""
    rows, columns = np.mgrid[:200, :300]
    above = rows - 100 < slope * (columns - 150)
    return np.where(above[..., None], (200, 210, 220), (40, 60, 30)).astype(np.uint8)


@pytest.mark.parametrize("slope", [0.0, 0.3, -0.5, 0.8])
def test_a_line_goes_on_in_its_direction(slope: float) -> None:
    made = drawn_out(half_planes(slope), Extension(60, 60, 0, 0))
    for beyond in (15, 40):
        for column, x in ((60 - beyond, -150 - beyond), (359 + beyond, 149 + beyond)):
            if not 10 < 100 + slope * x < 190:
                continue
            found = int((made[:, column, 0] > 120).sum())
            straight = 100 + slope * (x + beyond if x < 0 else x - beyond)
            wanted = 100 + slope * x
            # Nearer to where the line leads than to where it left the picture.
            assert abs(found - wanted) <= max(3, 0.4 * abs(wanted - straight))


def test_the_original_lies_in_the_guess_bit_for_bit() -> None:
    source = picture(size=(90, 70))
    made = drawn_out(source, Extension(20, 3, 0, 41))
    assert made.shape == (111, 113, 3)
    assert (made[:70, 20:110] == source).all()


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    sides=st.tuples(*[st.integers(0, 20)] * 4),
)
def test_any_size_is_guessed_with_colours_of_the_picture(
    size: tuple[int, int], sides: tuple[int, int, int, int]
) -> None:
    made = drawn_out(np.full((size[1], size[0], 3), (7, 90, 200), np.uint8), Extension(*sides))
    assert made.shape == (size[1] + sides[2] + sides[3], size[0] + sides[0] + sides[1], 3)
    assert (made == (7, 90, 200)).all()


def test_what_is_forbidden_is_not_drawn_out() -> None:
    source = np.full((120, 160, 3), 80, np.uint8)
    source[40:80, 100:] = (255, 0, 255)
    taboo = np.zeros((120, 160), np.uint8)
    taboo[38:82, 98:] = 255
    made = drawn_out(source, Extension(30, 30, 30, 30), taboo)
    made[30:150, 30:190] = 80
    assert (made == 80).all()


def test_covered_pixels_take_the_colour_of_the_nearest_that_is_not() -> None:
    source = np.zeros((1, 7, 3), np.uint8)
    source[0, :, 0] = range(10, 17)
    mask = np.array([[255, 0, 1, 255, 255, 0, 0]], np.uint8)
    assert covered(source, mask)[0, :, 0].tolist() == [11, 11, 11, 11, 15, 15, 16]
    assert covered(source, mask * 0) is source


def test_transparent_pixels_show_their_visible_neighbour() -> None:
    source = np.zeros((2, 3, 3), np.uint8)
    source[:, 1] = 200
    alpha = np.array([[255, 127, 128], [255, 0, 255]], np.uint8)
    assert (shown(Page(pixels=source, alpha=alpha)) == 0).all()


def test_small_pieces_are_those_short_both_ways() -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[2:6, 2:7] = 255
    mask[10, 5:15] = 7
    assert (small_pieces(mask, 6)[2:6, 2:7] == 255).all()
    assert small_pieces(mask, 6).sum() == 20 * 255
    assert small_pieces(mask, 11).sum() == 30 * 255
