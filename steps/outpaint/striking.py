"""What is striking in a picture: what occurs once, and would be noticed if it occurred twice.

Every patch of a small copy of the picture is compared with all others that lie some way off. Grass, sky,
water and walls have many that look like them; a face, a cup or a tower has none (internal statistics of
natural images, Zontak and Irani, CVPR 2011; Boiman and Irani, Detecting Irregularities, IJCV 2007).
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels

Floats = NDArray[np.float32]

SIDE = 96
"""Longest side in px of the small copy."""
REACH = 2
"""Patches reach this many px from their centre."""
OFF = 0.12
"""Others are compared from this distance on, as a share of the longest side."""
ALIKE = 3
"""As many of the most similar count: a single chance match makes nothing common."""
EVERY = 2
"""Patches are compared with every second one, down and across: neighbours say nearly the same."""
LEAST = 6.0
"""Mean ΔE to the nearest patches below which nothing is striking."""
MOST_SHARE = 0.35
"""Largest share of the picture that is taken for striking."""
ROWS = 512
"""Patches compared at a time, which bounds the memory."""


def striking(pixels: Pixels) -> Mask:
    """Mark what is striking, with what it encloses: uint8 (height, width), 255 = striking.

    Args:
        pixels: RGB uint8 (height, width, 3).
    """
    import cv2

    height, width = pixels.shape[:2]
    rarity = _rarity(pixels)
    levels = np.clip(rarity * 6, 0, 255).astype(np.uint8)
    split, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bar = max(LEAST, split / 6, float(np.quantile(rarity, 1 - MOST_SHARE)))
    marked = np.where(rarity > bar, 255, 0).astype(np.uint8)
    outlines, _ = cv2.findContours(marked, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(marked, outlines, -1, 255, -1)
    return np.asarray(
        cv2.resize(marked, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8
    )


def _rarity(pixels: Pixels) -> Floats:
    """Return the mean ΔE of each patch of the small copy to those most like it."""
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    lab = cv2.cvtColor(small.reshape(size[1], size[0], 3) / 255, cv2.COLOR_RGB2LAB)
    described = _patches(np.asarray(lab, np.float32))
    row, column = np.divmod(np.arange(len(described)), size[0])
    other = np.flatnonzero((row % EVERY == 0) & (column % EVERY == 0))
    length = np.einsum("nd,nd->n", described, described)
    found = np.zeros(len(described), np.float32)
    for start in range(0, len(described), ROWS):
        part = slice(start, start + ROWS)
        apart = length[part, None] + length[other] - 2 * described[part] @ described[other].T
        down, right = row[part, None] - row[other], column[part, None] - column[other]
        apart[down * down + right * right < (OFF * max(size)) ** 2] = np.inf
        nearest = np.partition(apart, min(ALIKE, len(other) - 1), axis=1)[:, :ALIKE]
        nearest = np.where(np.isfinite(nearest), np.maximum(nearest, 0), 0)
        found[part] = np.sqrt(nearest.mean(axis=1) / (2 * REACH + 1) ** 2)
    return np.asarray(
        cv2.GaussianBlur(found.reshape(size[1], size[0]), (0, 0), 2.0), np.float32
    ).reshape(size[1], size[0])


def _patches(lab: Floats) -> Floats:
    """Return the colours of the patch round each pixel: (height × width, numbers)."""
    import cv2

    height, width = lab.shape[:2]
    wide = cv2.copyMakeBorder(lab, REACH, REACH, REACH, REACH, cv2.BORDER_REPLICATE)
    steps = range(2 * REACH + 1)
    shifted = [wide[y : y + height, x : x + width] for y in steps for x in steps]
    return np.concatenate(shifted, axis=2).reshape(height * width, -1).astype(np.float32)
