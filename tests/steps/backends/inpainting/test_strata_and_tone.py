"""The field of strata follows a picture's layers; tones are evened out where they are tones."""

import numpy as np
import pytest

from steps.backends.inpainting.strata import strata
from steps.backends.inpainting.tone import correction
from steps.imaging.document import Pixels


def tilted_lines(tilt: float) -> Pixels:
    y, x = np.mgrid[:120, :160].astype(float)
    dark = np.sin((y - tilt * x) / 4) > 0
    return np.where(dark[..., np.newaxis], 60, 200).repeat(3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("tilt", [0.0, 0.2, -0.3])
def test_level_lines_follow_the_edges(tilt: float) -> None:
    hole = np.zeros((120, 160), bool)
    hole[40:80, 60:100] = True
    field = strata(tilted_lines(tilt), hole)
    y, x = np.arange(30, 90), np.arange(30, 130)
    slope = -np.gradient(field, axis=1) / np.gradient(field, axis=0)
    assert abs(float(np.median(slope[np.ix_(y, x)])) - tilt) < 0.05


def test_without_edges_it_is_the_row() -> None:
    field = strata(np.full((50, 70, 3), 128, np.uint8), np.zeros((50, 70), bool))
    assert np.allclose(field, np.arange(50)[:, np.newaxis], atol=0.01)


def test_it_grows_downwards_whatever_the_picture_shows() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (60, 40, 3), dtype=np.uint8)
    assert (np.diff(strata(noise, np.zeros((60, 40), bool)), axis=0) > 0).all()


def copied_from_the_right(source_is: int) -> tuple[Pixels, np.ndarray, np.ndarray]:
    pixels = np.full((40, 80, 3), 100, np.uint8)
    pixels[:, 45:] = source_is
    hole = np.zeros((40, 80), bool)
    hole[15:25, 10:20] = True
    return pixels, hole, np.flatnonzero(hole) + 45


def test_a_difference_of_tone_is_closed() -> None:
    pixels, hole, origins = copied_from_the_right(130)
    assert np.abs(130 + correction(pixels, hole, origins) - 100).max() < 4


def test_no_correction_is_large() -> None:
    pixels, hole, origins = copied_from_the_right(250)
    assert np.abs(correction(pixels, hole, origins)).max() <= 48


def test_a_fill_from_one_place_that_fits_is_left_alone() -> None:
    grain = np.random.default_rng(0).integers(80, 120, (40, 40, 3), dtype=np.uint8)
    pixels = np.concatenate([grain, grain], axis=1)
    hole = np.zeros((40, 80), bool)
    hole[15:25, 10:20] = True
    assert np.abs(correction(pixels, hole, np.flatnonzero(hole) + 40)).max() < 0.01
