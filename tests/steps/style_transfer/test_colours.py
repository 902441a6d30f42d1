"""Kept colours: hue always, chroma wherever there is room, brightness as painted where it can be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steps.style_transfer.carry import Plane, luma
from steps.style_transfer.colours import LEAST_CHROMA, coloured, matched
from steps.style_transfer.measure import colour_error, drift

levels = st.integers(0, 255)


def _one(rgb: tuple[int, int, int]) -> Plane:
    return np.array([[rgb]], np.float32)


@given(st.tuples(levels, levels, levels), st.floats(-50, 300))
def test_brightness_is_the_wanted_one_and_the_hue_stays(
    rgb: tuple[int, int, int], wanted: float
) -> None:
    pixels = _one(rgb)
    own = luma(pixels.astype(np.uint8))
    made = coloured(np.array([[wanted]], np.float32), pixels, own)
    assert made.min() > -0.1
    assert made.max() < 255.1
    brightness = made[0, 0] @ np.array([0.299, 0.587, 0.114])
    before, after = pixels[0, 0] - own[0, 0], made[0, 0] - brightness
    # The wanted brightness, or as near as the colour that is to stay leaves room for.
    low, high = -LEAST_CHROMA * before.min(), 255 - LEAST_CHROMA * before.max()
    assert abs(brightness - min(high, max(low, wanted))) < 0.2
    # The same direction from grey, and never further from it.
    assert np.abs(np.cross(before, after)).max() < 0.02 * max(1.0, float(before @ before))
    length = np.linalg.norm(before)
    assert LEAST_CHROMA * length - 0.5 < np.linalg.norm(after) < length + 0.5


@given(st.tuples(levels, levels, levels), st.integers(-255, 255))
def test_chroma_is_exact_where_rgb_has_room(rgb: tuple[int, int, int], change: int) -> None:
    wanted = np.array(rgb) + change
    if wanted.min() < 1 or wanted.max() > 254:
        return
    pixels = _one(rgb)
    own = luma(pixels.astype(np.uint8))
    made = coloured(own + np.float32(change), pixels, own)
    assert np.abs(made[0, 0] - wanted).max() < 0.05


def test_grey_stays_grey() -> None:
    pixels = np.arange(256, dtype=np.float32)[None, :, None].repeat(3, axis=2)
    own = luma(pixels.astype(np.uint8))
    made = np.rint(coloured(own[:, ::-1], pixels, own))
    assert (made[..., 0] == made[..., 1]).all()
    assert (made[..., 1] == made[..., 2]).all()


def test_matching_brings_mean_and_spread_to_the_sources() -> None:
    rng = np.random.default_rng(0)
    source = rng.normal(120, 30, (80, 80)).astype(np.float32)
    painted = rng.normal(90, 25, (80, 80)).astype(np.float32)
    made = matched(painted, source)
    assert abs(float(made.mean()) - float(source.mean())) < 1
    assert abs(float(made.std()) - float(source.std())) < 1
    flat = matched(np.full((4, 4), 7, np.float32), source[:4, :4])
    assert np.allclose(flat, source[:4, :4].mean(), atol=1e-3)


def test_the_colour_error_is_zero_for_a_change_of_brightness_and_a_distance_else() -> None:
    rng = np.random.default_rng(1)
    source = rng.integers(60, 190, (20, 30, 3), dtype=np.uint8)
    assert colour_error(source, source + np.uint8(40), None) < 1e-3
    shifted = source.copy()
    shifted[..., 2] += 50
    blue, red = 50 * (1 - 0.114) / 1.772, -50 * 0.114 / 1.402
    assert abs(colour_error(source, shifted, None) - np.hypot(blue, red)) < 0.01
    none = np.zeros((20, 30), np.uint8)
    assert colour_error(source, shifted, none) == 0.0


def test_drift_is_zero_for_new_contrast_and_one_for_another_picture() -> None:
    rng = np.random.default_rng(2)
    source = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert drift(source, source, None) < 1e-3
    assert drift(source, 255 - source, None) < 0.02
    assert drift(source, source // 2 + 60, None) < 0.02
    other = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert drift(source, other, None) > 0.6
    assert drift(source, np.full_like(source, 128), None) == 1.0
    left = np.zeros((64, 64), np.uint8)
    left[:, :20] = 255
    half = source.copy()
    half[:, 32:] = other[:, 32:]
    assert drift(source, half, left) < 1e-3
    assert 0.3 < drift(source, half, None) < 0.7
    flat = np.full_like(source, 9)
    assert drift(flat, other, None) < 1e-6
