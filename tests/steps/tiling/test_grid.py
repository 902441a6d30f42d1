"""Tiles cover the result exactly once, whatever the sizes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steps.tiling import Rect, Size, cut, grid, tile_within

SIDE = st.integers(1, 90)
FACTOR = st.floats(0.2, 8.0)


@given(
    st.tuples(SIDE, SIDE), FACTOR, st.integers(1, 40), st.integers(0, 20), st.sampled_from([1, 4])
)
def test_targets_cover_the_result_exactly_once(
    size: Size, factor: float, tile: int, overlap: int, multiple: int
) -> None:
    width, height = size
    target = (max(1, round(width * factor)), max(1, round(height * factor)))
    seen = np.zeros((target[1], target[0]), int)
    for t in grid((width, height), target, tile=tile, overlap=overlap, multiple=multiple):
        seen[t.target.y0 : t.target.y1, t.target.x0 : t.target.x1] += 1
    assert (seen == 1).all()


@given(
    st.tuples(SIDE, SIDE), FACTOR, st.integers(1, 40), st.integers(0, 20), st.sampled_from([1, 4])
)
def test_windows_have_one_size_and_reach_over_the_target_by_the_overlap(
    size: Size, factor: float, tile: int, overlap: int, multiple: int
) -> None:
    width, height = size
    target = (max(1, round(width * factor)), max(1, round(height * factor)))
    tiles = grid((width, height), target, tile=tile, overlap=overlap, multiple=multiple)
    sizes = {t.window.size for t in tiles}
    assert len(sizes) == 1
    side_x, side_y = sizes.pop()
    assert side_x % multiple == side_y % multiple == 0
    for t in tiles:
        x0, y0, x1, y1 = t.box(t.target, (width, height), target)
        assert min(x0, y0) >= overlap - 1e-6
        assert x1 <= side_x - overlap + 1e-6
        assert y1 <= side_y - overlap + 1e-6


@given(st.integers(1, 12), st.integers(1, 12), st.integers(-30, 30), st.integers(-30, 30))
def test_a_window_outside_is_reflected_as_numpy_does(
    width: int, height: int, x: int, y: int
) -> None:
    picture = np.arange(width * height, dtype=np.uint8).reshape(height, width)
    padded = np.pad(picture, 50, mode="reflect")
    window = Rect(x, y, x + 9, y + 7)
    assert (cut(picture, window) == padded[y + 50 : y + 57, x + 50 : x + 59]).all()


def test_a_window_inside_is_a_view() -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    assert np.shares_memory(cut(picture, Rect(2, 3, 9, 9)), picture)


def test_the_tile_keeps_its_window_within_the_budget() -> None:
    side = tile_within(10_000_000, bytes_per_pixel=100, overlap=20, largest=1024, floor=32)
    assert (side + 40) ** 2 * 100 <= 10_000_000 < (side + 41) ** 2 * 100
    assert tile_within(1, bytes_per_pixel=100, overlap=20, largest=1024, floor=32) == 32
    assert tile_within(10**12, bytes_per_pixel=100, overlap=20, largest=512, floor=32) == 512
