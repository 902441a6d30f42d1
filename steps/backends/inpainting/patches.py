"""Short descriptions of patches, so that comparing two of them costs 21 numbers instead of 147.

A patch of 7×7 px is described by its lowest cosine frequencies: fifteen of the brightness, three of each of
two colour differences. The basis is orthonormal and fixed, so distances are near those of the patches
themselves and the same on every machine. Higher frequencies of the brightness weigh more, as if gradients
were compared too: without that, smooth patches match everything (Darabi et al., Image Melding, 2012).
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Floats = NDArray[np.float32]

RADIUS = 3
"""Patches reach this many px from their centre."""
SIDE = 2 * RADIUS + 1
AREA = 3 * SIDE * SIDE
"""Numbers in a patch; a squared distance divided by this is a mean squared error per channel."""
BRIGHTNESS_ORDER = 4
"""Sum of the frequencies down and across up to which brightness is described."""
COLOUR_ORDER = 1
"""The same of the colour differences."""
GRADIENTS = 3.85
"""Weight of gradients beside values, in squared error."""
OPPONENTS = np.array(
    [[1, 1, 1], [1, 0, -1], [1, -2, 1]] / np.sqrt([[3], [2], [6]]), dtype=np.float32
)
"""Orthonormal rows: brightness, red against blue, green against both."""


def describe(pixels: Pixels) -> Floats:
    """Return the description of the patch round each pixel: (height, width, 21).

    Args:
        pixels: RGB uint8 (height, width, 3).
    """
    import cv2

    channels = cv2.split(cv2.transform(pixels.astype(np.float32), OPPONENTS))
    found = []
    for channel, order in zip(
        channels, (BRIGHTNESS_ORDER, COLOUR_ORDER, COLOUR_ORDER), strict=True
    ):
        for across in range(order + 1):
            for down in range(order + 1 - across):
                kernels = _wave(across) * _gain(across, down, order), _wave(down)
                found.append(
                    cv2.sepFilter2D(
                        channel, cv2.CV_32F, *kernels, borderType=cv2.BORDER_REFLECT_101
                    )
                )
    return np.asarray(cv2.merge(found), np.float32)


def _wave(frequency: int) -> Floats:
    """Return one vector of the orthonormal cosine basis."""
    places = np.pi * (np.arange(SIDE) + 0.5) * frequency / SIDE
    scale = np.sqrt((1 if frequency == 0 else 2) / SIDE)
    return np.asarray(scale * np.cos(places), np.float32)


def _gain(across: int, down: int, order: int) -> float:
    if order == COLOUR_ORDER:
        return 1.0
    steep = np.sin(np.pi * across / SIDE) ** 2 + np.sin(np.pi * down / SIDE) ** 2
    return float(np.sqrt(1 + GRADIENTS * steep))
