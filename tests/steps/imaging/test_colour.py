"""Colour profiles are kept where they fit and used up where they must be."""

import pytest
from PIL import Image, ImageCms

from tests.steps.imaging.decoded import deviation, page_of
from tests.steps.imaging.pictures import (
    HEIGHT,
    WIDTH,
    gradient,
    grey,
    heic,
    rgb,
    saved,
    srgb_profile,
)
from tests.steps.imaging.profiles import cmyk_profile, grey_profile


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile(kind: str) -> None:
    cyan = Image.new("CMYK", (WIDTH, HEIGHT), (255, 0, 0, 0))
    options = {"quality": 100} if kind == "JPEG" else {}
    page = page_of(saved(cyan, kind, icc_profile=cmyk_profile(), **options))
    assert page.icc is None
    red, green, blue = page.pixels[20, 20].tolist()
    assert red > 220
    assert green < 60
    assert blue < 60
    plain = page_of(saved(cyan, kind, **options)).pixels[20, 20].tolist()
    assert plain[0] < 30
    assert plain[2] > 220


def test_cmyk_with_a_broken_profile_falls_back() -> None:
    cyan = Image.new("CMYK", (WIDTH, HEIGHT), (255, 0, 0, 0))
    broken = cmyk_profile()[:128] + b"\x55" * 400
    page = page_of(saved(cyan, "TIFF", icc_profile=broken))
    assert page.pixels[0, 0].tolist() == [0, 255, 255]


def test_lab() -> None:

    lab = ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), lab, "RGB", "LAB")
    picture = ImageCms.applyTransform(rgb(), transform)
    assert picture is not None
    assert deviation(page_of(saved(picture, "TIFF")), gradient()) < 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_is_kept(kind: str) -> None:
    assert page_of(saved(rgb(), kind, icc_profile=srgb_profile())).icc == srgb_profile()


def test_a_heic_keeps_its_profile() -> None:
    assert page_of(heic(icc_profile=srgb_profile())).icc == srgb_profile()


def test_a_profile_that_does_not_fit_the_channels_is_dropped() -> None:
    assert page_of(saved(grey(), "JPEG", icc_profile=srgb_profile())).icc is None
    assert page_of(saved(rgb(), "JPEG", icc_profile=grey_profile())).icc is None
    assert page_of(saved(grey(), "JPEG", icc_profile=grey_profile())).icc == grey_profile()
    assert page_of(saved(rgb(), "PNG", icc_profile=b"nonsense")).icc is None
