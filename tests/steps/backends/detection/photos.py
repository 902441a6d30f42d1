"""Real photos and loaded detectors for the tests that need the weights cache."""

from functools import cache

import numpy as np
from PIL import Image

from steps import weights
from steps.backends.detection.centerface import CenterFace
from steps.backends.detection.yolo import YoloV8
from steps.environment import Environment
from steps.imaging.document import Pixels


@cache
def photo(name: str) -> Pixels:
    with Image.open(weights.path(f"photo-{name}", Environment.from_env())) as image:
        return np.asarray(image.convert("RGB"))


@cache
def yolo() -> YoloV8:
    return YoloV8.load(Environment.from_env())


@cache
def centerface() -> CenterFace:
    return CenterFace.load(Environment.from_env())
