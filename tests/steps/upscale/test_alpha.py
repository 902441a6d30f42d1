"""Transparency: no halo from hidden colours, nothing made half-transparent."""

import numpy as np

from steps.upscale.alpha import is_flat, within_neighbours, without_hidden_colours


def test_hidden_pixels_take_the_nearest_visible_colour() -> None:
    pixels = np.zeros((9, 12, 3), np.uint8)
    pixels[:, :4], pixels[:, 8:] = (200, 10, 10), (10, 10, 200)
    alpha = np.full((9, 12), 255, np.uint8)
    alpha[:, 4:8] = 0
    made = without_hidden_colours(pixels, alpha)
    assert (made[:, :6] == (200, 10, 10)).all()
    assert (made[:, 6:] == (10, 10, 200)).all()
    assert (pixels[:, 4:8] == 0).all()


def test_half_transparent_pixels_keep_their_colour() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    alpha = np.random.default_rng(1).integers(0, 3, (8, 8)).astype(np.uint8)
    made = without_hidden_colours(pixels, alpha)
    assert (made[alpha > 0] == pixels[alpha > 0]).all()
    visible = {tuple(colour) for colour in pixels[alpha > 0]}
    assert {tuple(colour) for colour in made[alpha == 0]} <= visible


def test_a_picture_without_hidden_or_without_visible_pixels_is_left_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    for value in (0, 255):
        assert without_hidden_colours(pixels, np.full((4, 4), value, np.uint8)) is pixels


def test_alpha_stays_between_its_neighbours() -> None:
    alpha = np.zeros((6, 8), np.uint8)
    alpha[:, 4:] = 255
    large = np.random.default_rng(2).integers(0, 256, (24, 32), dtype=np.uint8)
    made = within_neighbours(large, alpha)
    assert (made[:, :12] == 0).all()
    assert (made[:, 20:] == 255).all()
    assert (made[:, 12:20] == large[:, 12:20]).all()


def test_flat() -> None:
    assert is_flat(np.full((3, 3), 7, np.uint8))
    assert not is_flat(np.array([[1, 2]], np.uint8))
