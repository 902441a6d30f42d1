"""Samples of more than 8 bits are scaled to 0..255."""

import numpy as np
import pytest
from PIL import Image

from tests.steps.imaging.decoded import page_of
from tests.steps.imaging.pictures import HEIGHT, WIDTH, gradient, saved
from tests.steps.imaging.tiffs import page_tags, tiff


def test_16_bits_are_scaled_not_clipped() -> None:
    wide = (np.linspace(0, 65535, 256)[np.newaxis, :] * np.ones((4, 1))).astype(np.uint16)
    expected = np.rint(wide / 257).astype(np.uint8)
    for kind in ("PNG", "TIFF"):
        page = page_of(saved(Image.fromarray(wide), kind))
        assert page.grey
        assert np.array_equal(page.pixels[..., 1], expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("photometric", [0, 1])
def test_16_bits_of_a_tiff(order: str, photometric: int) -> None:
    wide = np.linspace(0, 65535, WIDTH * HEIGHT).astype(f"{order}u2").reshape(HEIGHT, WIDTH)
    page = page_of(
        tiff(wide.tobytes(), page_tags(WIDTH, HEIGHT, 16, t262=photometric), order=order)
    )
    expected = np.rint(wide / 257).astype(int)
    assert np.array_equal(page.pixels[..., 0], expected if photometric else 255 - expected)


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_colour_of_a_tiff(order: str) -> None:
    wide = (gradient().astype(np.uint16) * 257).astype(f"{order}u2")
    page = page_of(tiff(wide.tobytes(), page_tags(WIDTH, HEIGHT, 16, 3), order=order))
    assert np.array_equal(page.pixels, gradient())
    assert not page.grey


def test_12_bits_of_a_tiff() -> None:
    pairs = np.array([[0, 4095], [2048, 1024]])
    packed = bytes(byte for a, b in pairs for byte in (a >> 4, (a & 15) << 4 | b >> 8, b & 255))
    page = page_of(tiff(packed, page_tags(2, 2, 12)))
    assert np.array_equal(page.pixels[..., 0], np.rint(pairs * 255 / 4095))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 200.0], [0, 100, 200]),
        ([0.0, 32767.5, 65535.0], [0, 128, 255]),
        ([0.0, 1.0, 4.0], [0, 64, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, float("nan"), 1.0], [0, 0, 255]),
        ([0.0, 1.0, float("inf")], [0, 255, 255]),
        ([0.0, 1e9, 2e9], [0, 128, 255]),
        ([0.25, 0.25, 0.25], [64, 64, 64]),
        ([0.0, 0.0, 0.0], [0, 0, 0]),
    ],
)  # fmt: skip
def test_floating_point_tiffs(numbers: list[float], expected: list[int]) -> None:
    content = saved(Image.fromarray(np.array([numbers], np.float32)), "TIFF")
    assert page_of(content).pixels[0, :, 0].tolist() == expected


def test_32_bit_integers() -> None:
    content = saved(Image.fromarray(np.array([[0, 100, 255]], np.int32)), "TIFF")
    assert page_of(content).pixels[0, :, 0].tolist() == [0, 100, 255]
    content = saved(Image.fromarray(np.array([[0, 32768, 65535]], np.int32)), "TIFF")
    assert page_of(content).pixels[0, :, 0].tolist() == [0, 128, 255]
