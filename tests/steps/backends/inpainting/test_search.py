"""Patches are found again where they came from, and described so that likeness can be compared."""

import numpy as np

from steps.backends.inpainting.patches import AREA, describe
from steps.backends.inpainting.search import Floats, Search, whole_patches


def rows_of(height: int, width: int) -> Floats:
    return np.repeat(np.arange(height, dtype=np.float32)[:, np.newaxis], width, axis=1)


def test_a_moved_piece_is_found_again() -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
    hole = np.zeros((60, 80), bool)
    hole[20:34, 10:28] = True
    pixels[17:37, 7:31] = pixels[17:37, 47:71]
    search = Search(pixels, hole, ~hole & (np.arange(80) > 36), rows_of(60, 80), rng, 500)
    for _ in range(4):
        search.improve((8, 4, 2, 1), 80)
    flat = np.flatnonzero(hole)
    assert (search.origins() == flat + 40).mean() > 0.95


def test_origins_lie_only_where_copying_is_allowed() -> None:
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 256, (50, 70, 3), dtype=np.uint8)
    hole = np.zeros((50, 70), bool)
    hole[20:30, 20:30] = True
    usable = ~hole & (np.arange(70) < 50)
    search = Search(pixels, hole, usable, rows_of(50, 70), rng, 500)
    search.improve((4, 2, 1), 40)
    origins = search.origins()
    assert usable.ravel()[origins].all()
    copied = search.copied(origins)
    assert (copied[~hole] == pixels[~hole]).all()
    assert (copied[hole] == pixels.reshape(-1, 3)[origins]).all()


def test_improving_never_makes_a_match_worse() -> None:
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    hole = np.zeros((40, 60), bool)
    hole[10:20, 20:40] = True
    search = Search(pixels, hole, ~hole, rows_of(40, 60), rng, 500)
    for _ in range(3):
        before = search.cost.copy()
        search.improve((2, 1), 20)
        assert (search.cost <= before).all()


def test_flat_colours_differ_by_their_squared_error() -> None:
    one = np.full((9, 9, 3), 100, np.uint8)
    other = one + np.array([10, 0, 20], np.uint8)
    apart = describe(one)[4, 4] - describe(other)[4, 4]
    assert np.isclose((apart**2).sum() / AREA, (100 + 0 + 400) / 3, rtol=1e-3)


def test_a_patch_with_an_edge_is_far_from_its_smooth_mean() -> None:
    edge = np.zeros((9, 9, 3), np.uint8)
    edge[:, 5:] = 100
    smooth = np.full((9, 9, 3), 43, np.uint8)
    apart = describe(edge)[4, 4] - describe(smooth)[4, 4]
    error = ((edge[1:8, 1:8].astype(float) - 43) ** 2).mean()
    assert (apart**2).sum() / AREA > 1.3 * error


def test_where_no_patch_is_whole_single_pixels_serve() -> None:
    usable = np.zeros((20, 20), bool)
    usable[::3, ::3] = True
    assert (whole_patches(usable) == usable).all()
    usable[2:12, 2:12] = True
    assert whole_patches(usable).sum() == 16
