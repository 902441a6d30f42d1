"""The EXIF orientation is applied, once."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.steps.imaging.decoded import LOSSLESS, deviation, page_of
from tests.steps.imaging.pictures import (
    HEIGHT,
    WIDTH,
    exif_block,
    gradient,
    heic,
    rgb,
    saved,
    with_alpha,
)

UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", LOSSLESS.keys() - {"BMP"})
def test_orientation_is_applied(kind: str, orientation: int) -> None:
    page = page_of(saved(with_alpha(), kind, exif=exif_block(orientation), dpi=(100, 200), **LOSSLESS[kind], **(
        {"exact": True} if kind == "WEBP" else {})))  # fmt: skip
    assert np.array_equal(page.pixels, UPRIGHT[orientation](gradient()))
    assert page.alpha is not None
    assert np.array_equal(page.alpha, UPRIGHT[orientation](gradient()[..., 0]))
    if kind != "WEBP":
        assert page.dpi == pytest.approx((100, 200) if orientation < 5 else (200, 100), rel=1e-3)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "HEIC"])
def test_orientation_of_lossy_types(kind: str, orientation: int) -> None:
    exif = exif_block(orientation)
    content = (
        heic(exif=exif, quality=95) if kind == "HEIC" else saved(rgb(), kind, exif=exif, quality=95)
    )
    assert deviation(page_of(content), UPRIGHT[orientation](gradient())) < 3


@pytest.mark.parametrize("value", [0, 9, 255, 65535])
def test_an_impossible_orientation_is_none(value: int) -> None:
    assert page_of(saved(rgb(), "PNG", exif=exif_block(value))).size == (WIDTH, HEIGHT)


def test_pillow_agrees_about_orientation() -> None:
    for orientation in UPRIGHT:
        content = saved(rgb(), "JPEG", exif=exif_block(orientation))
        with Image.open(io.BytesIO(content)) as picture:
            assert np.array_equal(
                page_of(content).pixels, np.asarray(ImageOps.exif_transpose(picture))
            )
