"""Transparency: what colours lie under it, and how it becomes larger.

Colours and alpha are upscaled apart. Under full transparency a file may hold any colour, usually
black or white, which would bleed into the edge as a halo. So those pixels first take the colour of
the nearest visible one: along the edge the model sees the object going on.
"""

import numpy as np

from steps.imaging.document import Mask, Pixels
from steps.tiling import Size


def is_flat(alpha: Mask) -> bool:
    """Whether the opacity is the same everywhere, so that there is no edge to upscale."""
    return bool((alpha == alpha.flat[0]).all())


def without_hidden_colours(pixels: Pixels, alpha: Mask) -> Pixels:
    """Give every fully transparent pixel the colour of the nearest visible one.

    Args:
        pixels: RGB uint8 (height, width, 3).
        alpha: uint8 (height, width), 0 = transparent.

    Returns:
        RGB uint8 of the same shape; unchanged where alpha is not 0, and where it is 0 everywhere.
    """
    import cv2

    hidden = alpha == 0
    if not hidden.any() or hidden.all():
        return pixels
    _, labels = cv2.distanceTransformWithLabels(
        hidden.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    visible = pixels[~hidden]
    colour_of_label = np.zeros((labels.max() + 1, 3), np.uint8)
    colour_of_label[labels[~hidden]] = visible
    filled = pixels.copy()
    filled[hidden] = colour_of_label[labels[hidden]]
    return filled


def within_neighbours(large: Mask, alpha: Mask) -> Mask:
    """Keep an upscaled alpha between the lowest and the highest that its source has around each pixel.

    A model's overshoot would make opaque areas slightly transparent; with this, what is flat in the
    source is exactly the same in the result.

    Args:
        large: uint8, the upscaled alpha.
        alpha: uint8 (height, width), its source.

    Returns:
        uint8 of the shape of `large`.
    """
    import cv2

    size: Size = (large.shape[1], large.shape[0])
    around = np.ones((3, 3), np.uint8)
    lowest, highest = (
        cv2.resize(edge(alpha, around), size, interpolation=cv2.INTER_NEAREST_EXACT)
        for edge in (cv2.erode, cv2.dilate)
    )
    return np.clip(large, lowest, highest)
