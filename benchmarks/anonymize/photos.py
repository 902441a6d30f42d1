"""Clean photos: no person in them, at any number of megapixels.

The photos that travel in packages have 0.1 to 0.4 megapixels, so large ones are made of them, in two ways
that err to opposite sides:

* "enlarged": one photo scaled up, sharpened, with a sensor's grain. Coherent as a photo is, but
  without detail of a pixel's size: small things stand out more than in a camera's picture.
* "quilt": many pieces of all photos at about their own resolution, faded into each other. Full of
  detail at every size, and of objects to be mistaken; no camera would see such a scene.

"native" is one photo as it is. Photos of one's own (a folder) are scaled down, never up.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from steps import weights
from steps.environment import Environment
from steps.imaging.document import Pixels

Kind: TypeAlias = Literal["native", "enlarged", "quilt"]

PHOTOS = (
    "photo-china",
    "photo-coffee",
    "photo-flower",
    "photo-motorcycle-left",
    "photo-rocket",
    "photo-chelsea",
)
"""Names in the weights catalogue; nobody is in them."""
GROUNDS = {"photo-china": 0.72, "photo-coffee": 0.35, "photo-motorcycle-left": 0.7}
"""Photos with something to stand on, and the share of their height above which no foot may be."""
ANYWHERE = 0.4
"""The same for pictures of which nothing is known."""
GRAIN = 2.0
"""Standard deviation of the added grain, in levels of 255: that of a good sensor in daylight."""
_PIECE = 448
_FADE = 48
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture without people."""

    pixels: Pixels
    """RGB uint8 (height, width, 3)."""
    horizon: float
    """No foot above this share of the height."""


@cache
def photo(name: str) -> Pixels:
    """Return a photo of the weights catalogue, RGB uint8 (height, width, 3).

    Raises:
        WeightsMissing, WeightsInvalid: it is not in the weights cache.
    """
    return read(weights.path(name, Environment.from_env()))


def read(path: Path) -> Pixels:
    """Return the picture in a file, upright, RGB uint8 (height, width, 3)."""
    with Image.open(path) as opened:
        return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))


def clean(rng: np.random.Generator, megapixels: float, kind: Kind) -> Clean:
    """Return a picture without people.

    Args:
        rng: decides which photos are taken, and how.
        megapixels: size of the picture, 4:3; "native" ignores it.
        kind: how it is made, see the module.
    """
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    if kind == "quilt":
        return Clean(_quilt(rng, width, height), ANYWHERE)
    name = sorted(GROUNDS)[int(rng.integers(len(GROUNDS)))]
    pixels = photo(name) if kind == "native" else _enlarged(rng, photo(name), width, height)
    return Clean(pixels, GROUNDS[name])


def from_folder(rng: np.random.Generator, folder: Path, megapixels: float | None = None) -> Clean:
    """Return one of the photos of a folder, scaled down to `megapixels` where it has more.

    Raises:
        ValueError: the folder holds no picture of a known suffix.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise ValueError(f"{folder} holds no picture ({', '.join(sorted(_SUFFIXES))})")
    pixels = read(paths[int(rng.integers(len(paths)))])
    scale = 1.0 if megapixels is None else (megapixels * 1e6 / (pixels.size / 3)) ** 0.5
    if scale < 1.0:
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        )
    return Clean(pixels, ANYWHERE)


def grained(pixels: NDArray[np.float32], rng: np.random.Generator, grain: float = GRAIN) -> Pixels:
    """Add a sensor's grain and return uint8."""
    noise = rng.standard_normal(pixels.shape, np.float32) * np.float32(grain)
    noise += pixels
    result: Pixels = np.clip(noise, 0, 255, out=noise).astype(np.uint8)
    return result


def _enlarged(rng: np.random.Generator, source: Pixels, width: int, height: int) -> Pixels:
    source = _cropped(source, width / height)
    if rng.random() < 0.5:
        source = source[:, ::-1]
    large = cv2.resize(source, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    radius = width / source.shape[1] / 2
    soft = cv2.GaussianBlur(large, (0, 0), max(0.6, radius))
    return grained(np.asarray(cv2.addWeighted(large, 1.6, soft, -0.6, 0)), rng)


def _cropped(pixels: Pixels, aspect: float) -> Pixels:
    """Cut the lower middle out, at the given width by height."""
    height, width = pixels.shape[:2]
    new_width, new_height = min(width, round(height * aspect)), min(height, round(width / aspect))
    left, top = (width - new_width) // 2, height - new_height
    return pixels[top : top + new_height, left : left + new_width]


def _quilt(rng: np.random.Generator, width: int, height: int) -> Pixels:
    total: NDArray[np.float32] = np.zeros((height, width, 3), np.float32)
    weight: NDArray[np.float32] = np.zeros((height, width, 1), np.float32)
    side = _PIECE + _FADE
    ramp = np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1)) / _FADE
    fade = np.outer(ramp.clip(0, 1), ramp.clip(0, 1)).astype(np.float32)[..., None]
    for top in range(0, height, _PIECE):
        for left in range(0, width, _PIECE):
            rows, columns = (
                slice(top, min(height, top + side)),
                slice(left, min(width, left + side)),
            )
            here = fade[: rows.stop - top, : columns.stop - left]
            piece = _piece(rng, side)[: rows.stop - top, : columns.stop - left]
            total[rows, columns] += piece * here
            weight[rows, columns] += here
    return grained(total / weight, rng)


def _piece(rng: np.random.Generator, side: int) -> NDArray[np.float32]:
    """Cut a square out of some photo, at 0.8 to 1.8 of its resolution, perhaps mirrored."""
    source = photo(PHOTOS[int(rng.integers(len(PHOTOS)))])
    least = side / min(source.shape[:2])
    scale = max(least, float(rng.uniform(0.8, 1.8)))
    cut = min(*source.shape[:2], round(side / scale))
    top = int(rng.integers(source.shape[0] - cut + 1))
    left = int(rng.integers(source.shape[1] - cut + 1))
    square = source[top : top + cut, left : left + cut]
    if rng.random() < 0.5:
        square = square[:, ::-1]
    scaled = cv2.resize(square, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(scaled, 0, 255).astype(np.float32) * np.float32(rng.uniform(0.85, 1.1))
