"""The real photos that filling is measured on, from the weights cache, and pictures of a given size."""

import cv2
import numpy as np

from steps import weights
from steps.environment import Environment
from steps.imaging.decode import decode
from steps.imaging.document import Pixels

NAMES = ("photo-china", "photo-coffee", "photo-chelsea", "photo-rocket", "photo-motorcycle-left")
"""Foliage and sky, wood, fur, a night sky, a crowded garage."""
ENVIRONMENT = Environment.from_env()


def photo(name: str) -> Pixels:
    """Return a photo's pixels, RGB uint8 (height, width, 3)."""
    return decode(weights.path(name, ENVIRONMENT).read_bytes()).pages[0].pixels


def of_size(megapixels: float) -> Pixels:
    """Return the first photo scaled to that many megapixels: the contents stay one scene."""
    source = photo(NAMES[0])
    scale = (megapixels * 1e6 / source[..., 0].size) ** 0.5
    size = round(source.shape[1] * scale), round(source.shape[0] * scale)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(source, size, interpolation=way), np.uint8)
