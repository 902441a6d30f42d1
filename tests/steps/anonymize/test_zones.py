import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.anonymize.parameters import Zone
from steps.anonymize.zones import contains, zone_mask

fraction = st.floats(0, 1, allow_nan=False)
polygon = st.lists(st.tuples(fraction, fraction), min_size=3, max_size=7).map(
    lambda points: Zone(polygon=tuple(points))
)
start = st.floats(0, 0.8, allow_nan=False)
extent = st.floats(0.001, 0.2, allow_nan=False)
rectangle = st.builds(
    lambda x, y, w, h: Zone(rectangle=(x, y, x + w, y + h)), start, start, extent, extent
)


def test_a_rectangle_in_px_marks_exactly_its_pixels() -> None:
    mask = zone_mask([Zone(unit="px", rectangle=(2, 1, 5, 3))], 8, 6)
    wanted = np.zeros((6, 8), np.uint8)
    wanted[1:3, 2:5] = 255
    assert np.array_equal(mask, wanted)


def test_a_rectangle_in_fractions_scales_with_the_picture() -> None:
    mask = zone_mask([Zone(rectangle=(0.5, 0.0, 1.0, 0.5))], 200, 100)
    assert (mask[:50, 100:] == 255).all()
    assert mask.sum() == 255 * 50 * 100


def test_the_whole_picture_is_a_zone() -> None:
    assert (zone_mask([Zone(rectangle=(0, 0, 1, 1))], 7, 5) == 255).all()


def test_a_triangle_marks_half_of_its_square() -> None:
    mask = zone_mask([Zone(polygon=((0, 0), (1, 0), (0, 1)))], 100, 100)
    assert mask[0, 98] == 255
    assert mask[98, 98] == 0
    assert (mask > 0).mean() == pytest.approx(0.5, abs=0.01)


def test_neighbouring_zones_share_no_pixel() -> None:
    left = zone_mask([Zone(polygon=((0, 0), (0.5, 0), (0.3, 1), (0, 1)))], 63, 41)
    right = zone_mask([Zone(polygon=((0.5, 0), (1, 0), (1, 1), (0.3, 1)))], 63, 41)
    assert not ((left > 0) & (right > 0)).any()
    assert ((left > 0) | (right > 0)).all()


def test_zones_add_up() -> None:
    a, b = Zone(rectangle=(0, 0, 0.5, 0.5)), Zone(rectangle=(0.25, 0.25, 1, 1))
    both = zone_mask([a, b], 40, 40)
    assert np.array_equal(both, zone_mask([a], 40, 40) | zone_mask([b], 40, 40))


def test_what_lies_beyond_the_picture_is_ignored() -> None:
    mask = zone_mask([Zone(unit="px", rectangle=(5, 5, 500, 500))], 10, 10)
    assert mask.sum() == 255 * 25
    assert not zone_mask([Zone(unit="px", rectangle=(50, 50, 60, 60))], 10, 10).any()


def test_no_zone_marks_and_contains_nothing() -> None:
    assert not zone_mask([], 4, 3).any()
    assert not contains([], 1, 1, 4, 3)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(polygon, rectangle), max_size=3), st.integers(1, 20), st.integers(1, 20))
def test_the_mask_and_the_point_test_agree(zones: list[Zone], width: int, height: int) -> None:
    mask = zone_mask(zones, width, height)
    points = [
        [contains(zones, x + 0.5, y + 0.5, width, height) for x in range(width)]
        for y in range(height)
    ]
    assert np.array_equal(mask > 0, np.array(points))


def test_a_thousand_corners_on_a_large_picture_are_quick_enough_to_finish() -> None:
    angles = np.linspace(0, 2 * np.pi, 1000, endpoint=False)
    circle = Zone(
        polygon=tuple((0.5 + 0.5 * float(np.cos(a)), 0.5 + 0.5 * float(np.sin(a))) for a in angles)
    )
    mask = zone_mask([circle], 1500, 1500)
    assert (mask > 0).mean() == pytest.approx(np.pi / 4, abs=0.001)
