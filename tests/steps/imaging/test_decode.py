"""What comes out of the door: RGB, 8 bits, alpha apart, with everything that must be kept."""

import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from steps.errors import ImageUnsupported
from steps.imaging.decode import decode
from steps.imaging.reading.png_chunks import chunk
from tests.steps.imaging.decoded import LOSSLESS, deviation, page_of
from tests.steps.imaging.pictures import HEIGHT, WIDTH, gradient, grey, heic, rgb, saved, with_alpha
from tests.steps.imaging.pieces import END, idat, ihdr, png_of


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_types_give_the_very_pixels(kind: str) -> None:
    page = page_of(saved(rgb(), kind, **LOSSLESS[kind]))
    assert np.array_equal(page.pixels, gradient())
    assert page.alpha is None
    assert page.grey is False


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_lossy_types_come_close(kind: str) -> None:
    assert deviation(page_of(saved(rgb(), kind, quality=95)), gradient()) < 3


def test_heic_comes_close_and_registers_nothing() -> None:
    content = heic(quality=95)
    registered = dict(Image.OPEN)
    assert deviation(page_of(content), gradient()) < 3
    assert registered == Image.OPEN


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_alpha_is_kept_apart(kind: str) -> None:
    page = page_of(
        saved(with_alpha(), kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    )
    assert page.alpha is not None
    assert np.array_equal(page.alpha, gradient()[..., 0])
    assert np.array_equal(page.pixels, gradient())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "JPEG"])
def test_grey_pictures_say_so(kind: str) -> None:
    page = page_of(saved(grey(), kind))
    assert page.grey
    assert np.array_equal(page.pixels[..., 0], page.pixels[..., 2])
    assert deviation(page, np.asarray(grey().convert("RGB"))) < 1.5


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_with_alpha(kind: str) -> None:
    page = page_of(saved(with_alpha().convert("LA"), kind))
    assert page.grey
    assert page.alpha is not None
    assert np.array_equal(page.alpha, gradient()[..., 0])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_one_bit(kind: str) -> None:
    picture = grey().convert("1")
    page = page_of(saved(picture, kind))
    assert page.grey
    assert np.array_equal(page.pixels, np.asarray(picture.convert("RGB")))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("colours", [2, 4, 16, 200])
def test_palettes(kind: str, colours: int) -> None:
    picture = rgb().quantize(colours)
    page = page_of(saved(picture, kind))
    assert np.array_equal(page.pixels, np.asarray(picture.convert("RGB")))
    assert page.alpha is None


def test_a_transparent_palette() -> None:
    picture = rgb().quantize(8)
    page = page_of(saved(picture, "PNG", transparency=bytes([0, 64, 255])))
    expected = np.array([0, 64, *[255] * 6], np.uint8)[np.asarray(picture)]
    assert page.alpha is not None
    assert np.array_equal(page.alpha, expected)


@pytest.mark.parametrize("mode", ["L", "1", "RGB"])
def test_a_transparent_colour(mode: str) -> None:
    picture = rgb().convert(mode)
    stored = np.asarray(picture.convert("L") if mode == "1" else picture)
    key = stored[20, 30]
    option = tuple(int(part) for part in key) if mode == "RGB" else int(key)
    page = page_of(saved(picture, "PNG", transparency=option))
    same = (np.atleast_3d(stored) == key).all(axis=2)
    assert page.alpha is not None
    assert np.array_equal(page.alpha == 0, same)
    assert same.any()


@pytest.mark.parametrize("bits", [2, 4])
def test_a_transparent_grey_of_few_bits(bits: int) -> None:

    top = 2**bits - 1
    values = np.arange(8) % (top + 1)
    packed = np.packbits(
        np.unpackbits(values.astype(np.uint8)[:, None], axis=1)[:, 8 - bits :].ravel()
    ).tobytes()
    transparent = chunk(b"tRNS", struct.pack(">H", top - 1))
    page = page_of(
        png_of(ihdr(8, 1, bits, 0), transparent, chunk(b"IDAT", zlib.compress(b"\0" + packed)), END)
    )
    assert page.alpha is not None
    assert np.array_equal(page.alpha[0] == 0, values == top - 1)
    assert np.array_equal(page.pixels[0, :, 0], values * 255 // top)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_resolution_is_kept(kind: str) -> None:
    assert page_of(saved(rgb(), kind, dpi=(300, 150))).dpi == pytest.approx((300, 150), rel=1e-3)


def test_the_content_decides_not_the_name() -> None:
    assert decode(saved(rgb(), "PNG"), filename="cat.jpg").mime_type == "image/png"
    assert decode(saved(rgb(), "JPEG"), filename="cat.html").mime_type == "image/jpeg"


def test_a_polyglot_is_its_picture_and_no_more() -> None:
    for tail in (b"PK\3\4" + bytes(100), b"%PDF-1.7 ...", saved(rgb(9, 9), "JPEG")):
        for kind in ("JPEG", "PNG", "WEBP"):
            document = decode(saved(rgb(), kind) + tail)
            assert document.pages[0].size == (WIDTH, HEIGHT)
            assert "trailing-data" in document.stripped


def test_an_apng_of_one_frame_is_a_picture() -> None:
    content = saved(rgb(), "PNG", save_all=True, append_images=[])
    assert page_of(content).size == (WIDTH, HEIGHT)


def test_a_text_bomb_is_never_unpacked() -> None:

    bomb = chunk(b"zTXt", b"workflow\0\0" + zlib.compress(bytes(100_000_000), 9))
    document = decode(png_of(ihdr(61, 43), bomb, idat(43, 183), END))
    assert document.stripped == ("text",)


def test_without_its_package_a_heic_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = heic()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageUnsupported, match="needs the package pillow-heif"):
        decode(content)
