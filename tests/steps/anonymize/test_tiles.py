from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.anonymize.tiles import Tile, grid, spans
from steps.backends.contract import Box

side = st.integers(1, 9000)


@settings(deadline=None)
@given(side, st.integers(200, 1300), st.integers(0, 150))
def test_spans_cover_every_pixel_and_overlap_as_promised(
    length: int, most: int, overlap: int
) -> None:
    found = spans(length, most=most, overlap=overlap)
    assert found[0][0] == 0
    assert found[-1][1] == length
    assert all(0 < end - start <= most for start, end in found)
    for (_, end), (start, _) in pairwise(found):
        assert end - start >= overlap


@settings(deadline=None)
@given(side, st.integers(200, 1300), st.integers(0, 150))
def test_spans_are_the_fewest(length: int, most: int, overlap: int) -> None:
    count = len(spans(length, most=most, overlap=overlap))
    reach = most + (count - 2) * (most - overlap)  # what one span less would cover
    assert count == 1 or reach < length


@settings(deadline=None)
@given(st.integers(1, 9000), st.integers(1, 7000))
def test_a_grid_covers_the_picture(width: int, height: int) -> None:
    covered = np.zeros((height // 7 + 1, width // 7 + 1), bool)
    for tile in grid(width, height, most=832, overlap=80):
        assert 0 <= tile.x0 < tile.x1 <= width
        assert 0 <= tile.y0 < tile.y1 <= height
        covered[-(-tile.y0 // 7) : -(-tile.y1 // 7), -(-tile.x0 // 7) : -(-tile.x1 // 7)] = True
    assert covered[: -(-height // 7), : -(-width // 7)].all()


@settings(deadline=None)
@given(st.integers(1, 9000), st.integers(1, 7000), st.data())
def test_what_is_as_small_as_the_overlap_is_whole_in_some_tile(
    width: int, height: int, data: st.DataObject
) -> None:
    w, h = min(80, width), min(80, height)
    x, y = data.draw(st.integers(0, width - w)), data.draw(st.integers(0, height - h))
    tiles = grid(width, height, most=832, overlap=80)
    assert any(t.x0 <= x and t.y0 <= y and x + w <= t.x1 and y + h <= t.y1 for t in tiles)


def test_a_box_at_an_inner_edge_is_cut_and_one_at_the_pictures_border_is_not() -> None:
    tile = Tile(0, 0, 100, 100)
    assert not tile.cuts(Box(0, 0, 50, 50), 200, 200, slack=4)
    assert tile.cuts(Box(50, 10, 97, 50), 200, 200, slack=4)
    assert not tile.cuts(Box(50, 10, 97, 50), 100, 200, slack=4)
    assert not tile.cuts(Box(50, 10, 90, 50), 200, 200, slack=4)
    assert Tile(100, 0, 200, 100).cuts(Box(103, 10, 150, 50), 200, 100, slack=4)
    assert Tile(0, 100, 100, 200).cuts(Box(10, 101, 50, 150), 100, 200, slack=4)


def test_touches_sees_single_pixels_inside_only() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[10, 10] = 255
    assert Tile(10, 10, 20, 20).touches(mask)
    assert not Tile(0, 0, 10, 20).touches(mask)
