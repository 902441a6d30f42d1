"""Carrying up: exact where nothing is enlarged, no seams, no halos, edges as sharp as the photo's."""

from itertools import pairwise

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.imaging.document import Pixels
from steps.style_transfer.carry import Plane, carry, cubic_taps, luma, without_grid
from steps.style_transfer.working import shrunk, working_size

RNG = np.random.default_rng(5)


def _scene(height: int, width: int) -> Pixels:
    """Soft noise with a hard vertical edge in the middle."""
    noise = RNG.integers(0, 256, (max(2, height // 9), max(2, width // 9), 3), dtype=np.uint8)
    scene = np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    scene[:, width // 2 :] = scene[:, width // 2 :] // 3
    return scene


@settings(max_examples=40, deadline=None)
@given(
    sides=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    limit=st.integers(4, 60),
    cuts=st.lists(st.integers(1, 89), max_size=5),
    channels=st.sampled_from([1, 3]),
)
def test_strips_of_any_height_are_parts_of_one_picture(
    sides: tuple[int, int], limit: int, cuts: list[int], channels: int
) -> None:
    height, width = sides
    full = _scene(height, width)
    small = shrunk(full, working_size((width, height), limit))
    painted: Plane = 255 - small[..., :channels].astype(np.float32)
    carried = carry(painted, small, (width, height))
    brightness = luma(full)
    whole = carried.rows(0, height, brightness)
    edges = sorted({0, height, *(cut for cut in cuts if cut < height)})
    strips = [carried.rows(a, b, brightness[a:b]) for a, b in pairwise(edges)]
    assert whole.shape == (height, width, channels)
    assert np.abs(np.concatenate(strips) - whole).max() < 1e-3


def test_a_painted_picture_that_follows_the_photo_is_as_sharp_as_the_photo() -> None:
    full = np.full((120, 160, 3), 200, np.uint8)
    full[:, 81:] = 40
    small = shrunk(full, (40, 30))
    painted = 255 - small.astype(np.float32)
    made = carry(painted, small, (160, 120)).rows(0, 120, luma(full))
    plain = cv2.resize(painted, (160, 120), interpolation=cv2.INTER_CUBIC)
    wanted = 255 - full.astype(np.float32)
    assert np.abs(made - wanted).mean() < 0.4 * np.abs(plain - wanted).mean()
    steps = np.abs(np.diff(made[60, :, 0]))
    assert steps.argmax() == 80  # the edge is where the photo's is
    assert steps.max() > 100  # and as steep: from 55 to 215 in one px
    # No halo: at most a twentieth of the edge beyond its two sides.
    assert made.min() > 55 - 8
    assert made.max() < 215 + 8


def test_strokes_that_the_photo_does_not_have_stay_as_strong() -> None:
    full = np.full((256, 256, 3), 128, np.uint8)
    small = shrunk(full, (64, 64))
    painted = np.full((64, 64, 3), 60, np.float32)
    painted[:, 20:28] = 220
    made = carry(painted, small, (256, 256)).rows(0, 256, luma(full))
    assert abs(made[128, 96, 0] - 220) < 5
    assert abs(made[128, 40, 0] - 60) < 5
    rise = made[128, 60:100, 0]
    assert np.abs(np.diff(rise)).max() > 160 / 8  # within two px of the working size


def test_the_networks_grid_is_taken_out_and_no_halo_put_in() -> None:
    grid = np.zeros((32, 32, 1), np.float32) + 128
    grid[::2] += 40
    assert without_grid(grid, 1.0)[8:-8].std() < 0.5
    assert (without_grid(grid, 0.0) == grid).all()
    edge = np.zeros((32, 32, 1), np.float32) + 50
    edge[:, 16:] = 200
    made = without_grid(edge, 1.0)
    assert made.min() >= 50 - 1e-3
    assert made.max() <= 200 + 1e-3
    assert made[16, 14, 0] - 50 < 5  # firm again two px beside the edge


@given(st.integers(1, 50), st.integers(1, 400))
def test_cubic_weights_sum_to_one_and_keep_a_flat_picture(source: int, target: int) -> None:
    near, weights = cubic_taps(np.arange(target), source, target)
    assert near.min() >= 0
    assert near.max() < source
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-5)


def test_rows_are_enlarged_as_opencv_enlarges_columns() -> None:
    plane = RNG.random((23, 1), np.float32)
    near, weights = cubic_taps(np.arange(61), 23, 61)
    made = (plane[near, 0] * weights).sum(axis=1)
    wanted = cv2.resize(plane, (1, 61), interpolation=cv2.INTER_CUBIC)[:, 0]
    assert np.abs(made - wanted).max() < 1e-4


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(64, 2048))
def test_the_working_size_is_bounded_for_every_shape(width: int, height: int, limit: int) -> None:
    wide, tall = working_size((width, height), limit)
    assert wide * tall <= max(limit * limit, 4 * max(wide, tall))
    assert (wide, tall) == (width, height) or width * height > limit * limit
    assert 1 <= wide <= max(width, 4)
    assert 1 <= tall <= max(height, 4)
