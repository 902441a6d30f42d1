import cv2
import numpy as np
import pytest

from benchmarks.anonymize import quality
from steps.imaging.document import Mask, Pixels


@pytest.fixture
def truth() -> Pixels:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (60, 80, 3), np.uint8)


@pytest.fixture
def mask() -> Mask:
    hole = np.zeros((60, 80), np.uint8)
    hole[20:40, 20:60] = 255
    return hole


def test_psnr_of_a_known_error(truth: Pixels, mask: Mask) -> None:
    shifted = np.where(truth < 128, truth + 10, truth - 10).astype(np.uint8)
    assert quality.psnr(shifted, truth, mask) == pytest.approx(20 * np.log10(25.5))
    assert quality.psnr(truth, truth, mask) == float("inf")


def test_only_the_masked_pixels_count(truth: Pixels, mask: Mask) -> None:
    wrong_outside = truth.copy()
    wrong_outside[mask == 0] = 0
    assert quality.psnr(wrong_outside, truth, mask) == float("inf")
    assert quality.texture(truth, truth, mask) == 1


def test_ssim_is_one_for_the_same_and_falls_with_noise(truth: Pixels, mask: Mask) -> None:
    smooth = cv2.GaussianBlur(truth, (0, 0), 3).astype(np.uint8)
    rng = np.random.default_rng(1)
    noisy = np.clip(smooth + rng.normal(0, 20, smooth.shape), 0, 255).astype(np.uint8)
    assert quality.ssim(smooth, smooth, mask) == pytest.approx(1)
    assert quality.ssim(noisy, smooth, mask) < 0.5


def test_structure_asks_for_the_same_edges(mask: Mask) -> None:
    stripes = np.zeros((60, 80, 3), np.uint8)
    stripes[:, ::8] = stripes[:, 1::8] = stripes[:, 2::8] = stripes[:, 3::8] = 255
    flat = np.full_like(stripes, 128)
    turned = np.repeat(stripes[:1, :60].transpose(1, 0, 2), 80, axis=1)
    assert quality.structure(stripes, stripes, mask) == 1
    assert quality.structure(flat, stripes, mask) < 0.6
    assert quality.structure(turned, stripes, mask) < 0.6
    shifted = np.clip(stripes.astype(int) + 8, 0, 255).astype(np.uint8)
    assert quality.structure(shifted, stripes, mask) > 0.99


def test_a_blurred_fill_has_little_texture(truth: Pixels, mask: Mask) -> None:
    blurred = cv2.GaussianBlur(truth, (0, 0), 3).astype(np.uint8)
    assert quality.texture(blurred, truth, mask) < 0.2


def test_differences_outside_are_found_and_inside_ignored(truth: Pixels, mask: Mask) -> None:
    result = truth.copy()
    result[30, 30] = 255 - result[30, 30]
    assert quality.largest_difference_outside(result, truth, mask) == 0
    result[0, 0, 1] ^= 8
    assert quality.largest_difference_outside(result, truth, mask) == 8
    assert quality.largest_difference_outside(result, truth, np.full_like(mask, 255)) == 0
