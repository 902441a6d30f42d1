"""What is planned small is copied at full size, exactly."""

from itertools import pairwise

import numpy as np

from steps.backends.inpainting.copying import Plan, copy_along
from steps.backends.inpainting.pyramid import sizes


def plan_of(shape: tuple[int, int], right: int, tone: float = 0.0) -> Plan:
    """Return a plan for a hole of 5×5 at (5, 5): everything from `right` px to the right."""
    hole = np.zeros(shape, bool)
    hole[5:10, 5:10] = True
    origins = np.flatnonzero(hole) + right
    tones = np.full((len(origins), 3), tone, np.float32)
    return Plan(np.full((*shape, 3), 7, np.uint8), hole, origins, tones)


def test_copying_along_one_offset_copies_exactly() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    hole = np.zeros((40, 60), bool)
    hole[10:20, 10:20] = True
    result = copy_along(plan_of((20, 30), 7), pixels, hole, ~hole)
    assert (result[10:20, 10:20] == pixels[10:20, 24:34]).all()
    assert (result[~hole] == pixels[~hole]).all()


def test_tones_are_added_within_the_range_of_pixels() -> None:
    pixels = np.full((20, 30, 3), 250, np.uint8)
    hole = np.zeros((20, 30), bool)
    hole[5:10, 5:10] = True
    assert (copy_along(plan_of((20, 30), 7, 20.0), pixels, hole, ~hole)[hole] == 255).all()
    assert (copy_along(plan_of((20, 30), 7, -20.0), pixels, hole, ~hole)[hole] == 230).all()


def test_where_nothing_usable_is_pointed_to_the_plans_own_fill_stands() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    hole = np.zeros((40, 60), bool)
    hole[10:20, 10:20] = True
    usable = ~hole
    usable[:, 20:] = False
    assert (copy_along(plan_of((20, 30), 7), pixels, hole, usable)[hole] == 7).all()


def test_sizes_double_up_to_the_working_size() -> None:
    for height, width, hole in [(1, 1, 1), (427, 640, 19_000), (4000, 3000, 960_000), (90, 20, 9)]:
        found = sizes(height, width, hole)
        last_height, last_width = found[-1]
        assert last_height <= height
        assert last_width <= width
        assert last_height * last_width <= 270_000
        for (h1, w1), (h2, w2) in pairwise(found):
            assert abs(h2 - 2 * h1) <= 2
            assert abs(w2 - 2 * w1) <= 2
    assert len(sizes(4000, 3000, 960_000)) >= 2
    assert sizes(60, 60, 400) == [(60, 60)]
