"""Keeping the broad tones of what is new to those that the picture has.

Tone corrections are held by the border alone and may drift the farther out they reach: a sky turns purple in
the corner, a shadow olive. Here the new area, seen at a small size, is compared with the broad colours of the
original, those nearest in place first; what strays from all of them is drawn back.
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels
from steps.outpaint.geometry import blocks_outside

Floats = NDArray[np.float32]
Inner = tuple[slice, slice]

CELL = 1 / 32
"""Side of a cell of the small size, as a share of the longer side of the original."""
TOLERANCE = 2.5
"""ΔE from the original's nearest colour that is left as it is."""
PLACE = 12.0
"""ΔE that an original cell a whole longer side away counts for: near colours are taken first."""
ROWS = 256
"""Rows corrected at a time, which bounds the memory."""


def draw_back(pixels: Pixels, inner: Inner, forbidden: Mask) -> None:
    """Correct the pixels outside `inner`, in place.

    Args:
        pixels: RGB uint8 (height, width, 3).
        inner: rows and columns of the original, which stays as it is.
        forbidden: uint8 (height, width), above 0 = of which nothing is to be seen; its colours do not count.
    """
    import cv2

    height, width = pixels.shape[:2]
    old = pixels[inner]
    cell = max(1.0, CELL * max(old.shape[:2]))
    size = max(1, round(width / cell)), max(1, round(height / cell))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], 3)
    taken = cv2.resize(forbidden, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0]) > 0
    change = _changes(small.astype(np.float32), inner, (height, width), taken)
    smooth = cv2.GaussianBlur(change, (0, 0), 1.0)
    field = np.asarray(smooth, np.float32)
    for block in blocks_outside(inner, (height, width), ROWS):
        wanted = _enlarged(field, block, (height, width))
        pixels[block] = np.clip(np.rint(pixels[block] + wanted), 0, 255).astype(np.uint8)


def _changes(
    small: Floats, inner: Inner, shape: tuple[int, int], taken: NDArray[np.bool_]
) -> Floats:
    """Return what to add to each cell: RGB, 0 within the original and where nothing strays."""
    import cv2

    tall, wide = small.shape[:2]
    y = (np.arange(tall) + 0.5) * shape[0] / tall
    x = (np.arange(wide) + 0.5) * shape[1] / wide
    own = ((y > inner[0].start) & (y < inner[0].stop))[:, np.newaxis] & (
        (x > inner[1].start) & (x < inner[1].stop)
    )
    change = np.zeros_like(small)
    counts = own & ~taken
    if not counts.any() or own.all():
        return change
    lab = np.asarray(cv2.cvtColor(small / 255, cv2.COLOR_RGB2LAB), np.float32)
    side = max(inner[0].stop - inner[0].start, inner[1].stop - inner[1].start)
    place = np.stack(np.meshgrid(y, x, indexing="ij"), axis=2).astype(np.float32) / side * PLACE
    known, asked = lab[counts], lab[~own]
    colour = ((asked[:, np.newaxis] - known) ** 2).sum(axis=2)
    far = ((place[~own][:, np.newaxis] - place[counts]) ** 2).sum(axis=2)
    nearest = (colour + far).argmin(axis=1)
    apart = known[nearest] - asked
    size = np.sqrt((apart**2).sum(axis=1, keepdims=True))
    share = np.maximum(0, size - TOLERANCE) / np.maximum(size, 1e-6)
    target = cv2.cvtColor((asked + share * apart)[np.newaxis], cv2.COLOR_LAB2RGB)[0] * 255
    change[~own] = target - small[~own]
    return change


def _enlarged(small: Floats, block: Inner, shape: tuple[int, int]) -> Floats:
    """Return some rows and columns of the small field at full size, by bilinear interpolation."""
    import cv2

    tall, wide = small.shape[:2]
    rows, columns = (np.arange(one.start, one.stop) for one in block)
    y = ((rows + 0.5) * tall / shape[0] - 0.5).astype(np.float32)
    x = ((columns + 0.5) * wide / shape[1] - 0.5).astype(np.float32)
    across, down = np.meshgrid(x, y)
    found = cv2.remap(small, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(len(rows), len(columns), 3)
