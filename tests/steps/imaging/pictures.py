"""Small valid files of every type and mode, built by code, for the tests of imaging."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

WIDTH, HEIGHT = 61, 43
"""Odd on purpose: block sizes, chroma planes and row padding show their edges."""


def gradient(width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Return a smooth coloured picture (height, width, 3) in which every corner differs from the others."""
    across = np.linspace(0, 255, width)[np.newaxis, :]
    down = np.linspace(0, 255, height)[:, np.newaxis]
    bands = [across + 0 * down, down + 0 * across, (across + 2 * down) / 3]
    return np.stack(bands, axis=2).astype(np.uint8)


def rgb(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Return the gradient as a picture."""
    return Image.fromarray(gradient(width, height))


def with_alpha() -> Image.Image:
    """Return the gradient with an alpha channel that runs from left to right."""
    picture = rgb()
    picture.putalpha(Image.fromarray(gradient()[..., 0]))
    return picture


def grey() -> Image.Image:
    """Return a grey gradient."""
    return Image.fromarray(gradient()[..., 2])


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return a picture as a file of one of Pillow's formats."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def heic(picture: Image.Image | None = None, **options: Any) -> bytes:
    """Return a picture as a HEIC file."""
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(picture or rgb()).save(buffer, **options)
    return buffer.getvalue()


@cache
def srgb_profile() -> bytes:
    """Return an RGB profile, always the same (littlecms writes the time into it)."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif_block(orientation: int = 1, **tags: Any) -> bytes:
    """Return an EXIF block with an orientation and further tags of the root directory (named by number: t271="x")."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name, value in tags.items():
        exif[int(name.removeprefix("t"))] = value
    return exif.tobytes()


def private_exif(orientation: int = 1) -> bytes:
    """Return an EXIF block full of what must go (position, serials, owner, notes) and of what must stay."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "Kitchen of the Millers"
    exif[0x010F], exif[0x0110] = "Maker", "Model 1"
    exif[0x013B], exif[0x8298] = "A. Photographer", "(c) 2026 A. Photographer"
    exif[0x0132] = "2026:11:22 10:00:00"
    details = exif.get_ifd(0x8769)
    details[0x9003] = "2026:11:22 09:59:59"
    details[0xA430], details[0xA431], details[0xA435] = "SECRET-OWNER", "SECRET-BODY", "SECRET-LENS"
    details[0x927C], details[0x9286] = b"SECRET-NOTES", b"ASCII\0\0\0SECRET-COMMENT"
    details[0x829A] = IFDRational(1, 125)
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 12.5)
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


@cache
def valid_files() -> dict[str, bytes]:
    """Return one small valid file of every kind that is read, by a name such as "jpeg-progressive"."""
    palette = rgb().quantize(16)
    pages = [grey(), with_alpha(), rgb(20, 30)]
    builders: dict[str, Callable[[], bytes]] = {
        "jpeg": lambda: saved(rgb(), "JPEG", exif=private_exif(6), icc_profile=srgb_profile(), dpi=(300, 300)),
        "jpeg-progressive": lambda: saved(rgb(), "JPEG", progressive=True),
        "jpeg-grey": lambda: saved(grey(), "JPEG"),
        "jpeg-cmyk": lambda: saved(rgb().convert("CMYK"), "JPEG"),
        "png": lambda: saved(with_alpha(), "PNG", exif=private_exif(3), icc_profile=srgb_profile()),
        "png-palette": lambda: saved(palette, "PNG", transparency=3),
        "png-16": lambda: saved(Image.fromarray(gradient()[..., 0].astype(np.uint16) * 257), "PNG"),
        "png-1": lambda: saved(grey().convert("1"), "PNG"),
        "webp": lambda: saved(with_alpha(), "WEBP", exif=private_exif(8), icc_profile=srgb_profile()),
        "webp-lossless": lambda: saved(rgb(), "WEBP", lossless=True),
        "tiff-raw": lambda: saved(rgb(), "TIFF", exif=private_exif(5)),
        "tiff-lzw": lambda: saved(rgb(), "TIFF", compression="tiff_lzw"),
        "tiff-deflate": lambda: saved(with_alpha(), "TIFF", compression="tiff_adobe_deflate"),
        "tiff-jpeg": lambda: saved(rgb(), "TIFF", compression="jpeg"),
        "tiff-g4": lambda: saved(grey().convert("1"), "TIFF", compression="group4"),
        "tiff-packbits": lambda: saved(palette, "TIFF", compression="packbits"),
        "tiff-pages": lambda: saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]),
        "tiff-big": lambda: saved(rgb(), "TIFF", big_tiff=True),
        "bmp": lambda: saved(rgb(), "BMP"),
        "bmp-palette": lambda: saved(palette, "BMP"),
        "avif": lambda: saved(rgb(), "AVIF", exif=private_exif(6)),
        "heic": lambda: heic(exif=private_exif(6)),
    }  # fmt: skip
    return {name: build() for name, build in builders.items()}
