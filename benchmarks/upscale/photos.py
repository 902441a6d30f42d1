"""The real photos that quality and speed are measured on, from the weights cache."""

import numpy as np

from benchmarks.upscale.methods import ENVIRONMENT
from steps import weights
from steps.imaging.decode import decode
from steps.imaging.document import Pixels

NAMES = ("photo-astronaut", "photo-chelsea", "photo-china", "photo-coffee", "photo-flower")
"""A face, fur, buildings and sky, glossy things, petals."""


def photo(name: str) -> Pixels:
    """Return a photo's pixels, RGB uint8 (height, width, 3)."""
    return decode(weights.path(name, ENVIRONMENT).read_bytes()).pages[0].pixels


def of_size(megapixels: float) -> Pixels:
    """Return a picture of 4:3 with that many pixels: a photo, mirrored as often as needed."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    source = photo("photo-china")
    pads = [
        (0, max(0, want - have)) for want, have in zip((height, width), source.shape, strict=False)
    ]
    return np.ascontiguousarray(np.pad(source, [*pads, (0, 0)], mode="reflect")[:height, :width])
