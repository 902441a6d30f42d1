from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.anonymize.levels import PLAIN, RATIO, SMALL, levels, shrink, sizes, window_round
from steps.backends.contract import Box


@settings(deadline=None)
@given(st.integers(1, 9000), st.integers(1, 7000))
def test_sizes_rise_in_bounded_steps_up_to_the_whole_resolution(width: int, height: int) -> None:
    found = sizes(width, height, tiled=True)
    assert found[:2] == [SMALL, PLAIN]
    assert found == sorted(set(found))
    assert found[-1] >= max(width, height)
    assert all(b <= RATIO * a + 1 for a, b in pairwise(found[1:]))


@settings(deadline=None)
@given(st.integers(1, 9000), st.integers(1, 7000))
def test_without_tiles_no_size_is_beyond_two_ordinary_ones(width: int, height: int) -> None:
    assert sizes(width, height, tiled=False)[-1] <= 2 * PLAIN


def test_the_looks_at_a_large_picture_are_few() -> None:
    # Three seconds on two cores allow about 28 million px of input; finding may take 60 % of it.
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    looked = sum(
        (t.x1 - t.x0) * (t.y1 - t.y0) * level.enlarged**2
        for level in levels(pixels, tiled=True)
        for t in level.tiles
    )
    assert looked < 21e6


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (2500, 2), (641, 640), (1600, 1200)])
def test_every_level_shows_the_whole_picture(size: tuple[int, int]) -> None:
    width, height = size
    for level in levels(np.zeros((height, width, 3), np.uint8), tiled=True):
        rows, columns = level.pixels.shape[:2]
        assert columns == pytest.approx(width * level.shrunk, abs=1)
        assert rows == pytest.approx(height * level.shrunk, abs=1)
        assert max(t.x1 for t in level.tiles) == columns
        assert max(t.y1 for t in level.tiles) == rows


def test_a_single_changed_pixel_is_not_lost_at_any_level() -> None:
    pixels = np.zeros((1501, 2003, 3), np.uint8)
    for x, y in ((0, 0), (2002, 1500), (1000, 777), (333, 2)):
        mask = np.zeros((1501, 2003), np.uint8)
        mask[y, x] = 255
        for level in levels(pixels, tiled=True):
            seen = shrink(mask, level)
            assert seen.shape == level.pixels.shape[:2]
            row = min(seen.shape[0] - 1, int(y * level.shrunk))
            column = min(seen.shape[1] - 1, int(x * level.shrunk))
            assert seen[row, column] == 255


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(1, 500), st.floats(0, 500), st.floats(0, 500), st.data())
def test_a_window_lies_in_the_picture_and_shows_the_box(
    width: int, height: int, x: float, y: float, data: st.DataObject
) -> None:
    x, y = min(x, width), min(y, height)
    box = Box(x, y, data.draw(st.floats(x, width)), data.draw(st.floats(y, height)))
    side = 3 * max(box.width, box.height) + 4
    window = window_round(box, width, height, side)
    assert 0 <= window.x0 < window.x1 <= width
    assert 0 <= window.y0 < window.y1 <= height
    assert window.x0 <= box.x0
    assert window.y0 <= box.y0
    assert window.x1 >= box.x1
    assert window.y1 >= box.y1
