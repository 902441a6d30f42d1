"""What one writes without this package: the library's plain call, and OpenCV's inpainting."""

import cv2
import numpy as np

from steps.imaging.document import Mask, Pixels

PLAIN_PATCH = 7
"""Patch size of the plain call: of 3, 5 and 7 the one that holds structure best; its default of 15 takes minutes."""
TELEA_RADIUS = 5


def telea(pixels: Pixels, mask: Mask) -> Pixels:
    """OpenCV's fast marching method on the whole picture."""
    return np.asarray(cv2.inpaint(pixels, mask, TELEA_RADIUS, cv2.INPAINT_TELEA), np.uint8)


def plain_patchmatch(pixels: Pixels, mask: Mask) -> Pixels:
    """Pypatchmatch on the whole picture."""
    import patchmatch

    patchmatch.set_random_seed(0)
    filled: Pixels = np.asarray(
        patchmatch.inpaint(pixels, mask, patch_size=PLAIN_PATCH), np.uint8
    ).copy()
    filled[mask == 0] = pixels[mask == 0]
    return filled
