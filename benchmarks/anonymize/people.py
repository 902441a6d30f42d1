"""People cut out of real photos: pixels and opacity, at any height.

The photos come through the weights catalogue; what lies beside this module is the opacity alone
(`mattes/`: drawn by hand, refined with GrabCut, a pixel taken off the edge, softened by 0.9 px).
Two of the five are whole bodies; three end at the chest, the waist or the hip, and count with the
height that can be seen.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.anonymize.photos import photo
from steps.imaging.document import Mask, Pixels

_MATTES = Path(__file__).parent / "mattes"


@dataclass(frozen=True, slots=True)
class CutOut:
    """A person without the surroundings."""

    name: str
    pixels: Pixels
    """RGB uint8 (height, width, 3); beyond the body the nearest colours of the body."""
    opacity: Mask
    """Uint8 (height, width), 255 = the person; some row and column at each side reaches 128."""
    whole: bool
    """A body from head to shoes, which can stand anywhere; otherwise it is cut at its lower edge."""

    @property
    def height(self) -> int:
        """Height in px."""
        return int(self.opacity.shape[0])


@dataclass(frozen=True, slots=True)
class _Source:
    photo: str
    left: int
    top: int
    whole: bool


_SOURCES = {
    "walker": _Source("photo-bus", 52, 399, whole=True),
    "coat": _Source("photo-bus", 226, 408, whole=True),
    "shouting": _Source("photo-zidane", 122, 204, whole=False),
    "bust": _Source("photo-zidane", 763, 45, whole=False),
    "astronaut": _Source("photo-astronaut", 20, 17, whole=False),
}
"""Where each matte lies in its photo, in px."""

PHOTOS = tuple(sorted({source.photo for source in _SOURCES.values()}))
"""Names in the weights catalogue."""


@cache
def cut_outs() -> tuple[CutOut, ...]:
    """Return everybody, whole bodies first.

    Raises:
        WeightsMissing, WeightsInvalid: a photo is not in the weights cache.
    """
    return tuple(_cut(name, source) for name, source in _SOURCES.items())


def _cut(name: str, source: _Source) -> CutOut:
    opacity = np.asarray(Image.open(_MATTES / f"{name}.png").convert("L"))
    height, width = opacity.shape
    rows = slice(source.top, source.top + height)
    pixels = photo(source.photo)[rows, source.left : source.left + width]
    return CutOut(name, _spread(pixels, opacity), opacity, source.whole)


def _spread(pixels: Pixels, opacity: Mask) -> Pixels:
    """Continue the body's colours over its edge, so that no old background shines through."""
    outside = (opacity < 250).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    of_label[nearest[outside == 0]] = pixels[outside == 0]
    spread: Pixels = of_label[nearest]
    return spread


def at_height(person: CutOut, height: int, *, mirrored: bool, gain: float) -> CutOut:
    """Return the person at another height.

    Args:
        person: cut out of a photo.
        height: in px, at least 8; above the photo's own height it is enlarged and gets softer.
        mirrored: left and right exchanged.
        gain: factor on the brightness.
    """
    width = max(2, round(person.opacity.shape[1] * height / person.height))
    kind = cv2.INTER_AREA if height < person.height else cv2.INTER_CUBIC
    pixels = np.asarray(cv2.resize(person.pixels, (width, height), interpolation=kind))
    opacity = np.asarray(cv2.resize(person.opacity, (width, height), interpolation=kind))
    if mirrored:
        pixels, opacity = pixels[:, ::-1], opacity[:, ::-1]
    bright = np.clip(pixels.astype(np.float32) * gain, 0, 255).astype(np.uint8)
    return CutOut(person.name, bright, np.ascontiguousarray(opacity), person.whole)
