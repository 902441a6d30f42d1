"""From a decoder's picture of any mode to a page: upright RGB bytes, alpha apart.

Pillow holds RGB at 4 bytes a pixel and would copy the whole picture twice on its way to numpy. So the
rows are carried over in bands; the peak is Pillow's picture plus the page (2.3 times the page).
"""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from steps.imaging.colour import profile_space, to_srgb
from steps.imaging.document import Mask, Page, Pixels
from steps.imaging.samples import Depth, Samples, extent, rescale

_BAND = 128
"""Rows carried over at a time: they stay in the processor's cache."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What shows a picture of each EXIF orientation upright."""

_TARGETS = {"1": "L", "La": "LA", "PA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB"}

Convert = Callable[[Image.Image], Samples]


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Return a loaded picture turned as its EXIF orientation (1..8) says.

    Let go of the given one before making a page: the three together would be too much memory.
    """
    return picture.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else picture


def upright_dpi(dpi: tuple[float, float] | None, orientation: int) -> tuple[float, float] | None:
    """Return a resolution (across, down) after the picture was turned by its EXIF orientation."""
    return (dpi[1], dpi[0]) if dpi and orientation >= 5 else dpi


def to_page(
    picture: Image.Image,
    *,
    icc: bytes | None = None,
    dpi: tuple[float, float] | None = None,
    depth: Depth | None = None,
    key: tuple[int, ...] | None = None,
) -> Page:
    """Return a loaded, upright picture as a page.

    Args:
        picture: any mode of Pillow's; its pixels are decoded already.
        icc: the embedded profile; used up where the picture is CMYK, kept otherwise if it fits.
        dpi: resolution (across, down) of the upright picture.
        depth: what the samples of the modes I, I;16 and F mean.
        key: the one colour that is transparent, in the units of the picture's mode.
    """
    convert, grey = _conversion(picture, icc, depth or Depth())
    pixels, alpha = _carry(picture, convert if key is None else _keyed(convert, key))
    space = None if picture.mode in ("CMYK", "LAB") else profile_space(icc)
    kept = icc if space == ("GRAY" if grey else "RGB") else None
    return Page(pixels=pixels, alpha=alpha, icc=kept, dpi=dpi, grey=grey)


def _conversion(picture: Image.Image, icc: bytes | None, depth: Depth) -> tuple[Convert, bool]:
    """Return what turns a band into samples of 1 to 4 channels, and whether they are grey."""
    mode = picture.mode
    if mode.startswith("I") or mode == "F":
        low, high = depth.span or extent(np.asarray(band) for band in _bands(picture))
        return lambda band: rescale(np.asarray(band), low, high, depth.inverted), True
    if mode in ("CMYK", "LAB"):
        transform = to_srgb(mode, icc)
        return lambda band: np.asarray(transform(band)), False
    target = _TARGETS.get(mode, mode)
    if mode == "P":
        target = "RGBA" if picture.has_transparency_data else "RGB"

    def convert(band: Image.Image) -> Samples:
        return np.asarray(band if band.mode == target else band.convert(target))

    return convert, target in ("L", "LA")


def _keyed(convert: Convert, key: tuple[int, ...]) -> Convert:
    """Return a conversion that adds an alpha channel: 0 where a pixel has the key's colour."""

    def with_alpha(band: Image.Image) -> Samples:
        stored = np.atleast_3d(np.asarray(band.convert("L") if band.mode == "1" else band))
        opaque = np.where((stored == key).all(axis=2, keepdims=True), 0, 255).astype(np.uint8)
        return np.concatenate([np.atleast_3d(convert(band)), opaque], axis=2)

    return with_alpha


def _bands(picture: Image.Image) -> Iterator[Image.Image]:
    width, height = picture.size
    for top in range(0, height, _BAND):
        yield picture.crop((0, top, width, min(height, top + _BAND)))


def _carry(picture: Image.Image, convert: Convert) -> tuple[Pixels, Mask | None]:
    """Convert band by band into RGB pixels and, where there is one, the alpha channel."""
    width, height = picture.size
    pixels = np.empty((height, width, 3), np.uint8)
    alpha: Mask | None = None
    top = 0
    for band in _bands(picture):
        samples = np.atleast_3d(convert(band))
        rows = slice(top, top + band.height)
        channels = samples.shape[2]
        if channels == 3:
            pixels[rows] = samples
        else:
            # One channel at a time: numpy copies short rows of 1 or 3 out of 4 bytes several times slower.
            for channel in range(3):
                pixels[rows, :, channel] = samples[..., channel if channels == 4 else 0]
        if channels in (2, 4):
            alpha = np.empty((height, width), np.uint8) if alpha is None else alpha
            alpha[rows] = samples[..., -1]
        top += band.height
    return pixels, alpha
