"""Resizes a part of a picture, given by a fractional box, with Lanczos' kernel (a = 3).

Pillow's filter looks beyond the box at what surrounds it, and widens the kernel when it shrinks, so
that parts resized one by one fit together and nothing aliases. Left to itself it chooses by the
sizes whether rows or columns come first, and rounding in between makes that visible at the borders
of tiles; so the order is fixed here.
"""

import math

import numpy as np
from PIL import Image

from steps.imaging.document import Pixels

_LANCZOS = Image.Resampling.LANCZOS
_REACH = 3
"""Half width of the kernel, in px of the source where it is enlarged and of the result where shrunk."""


def resize(pixels: Pixels, box: tuple[float, float, float, float], size: tuple[int, int]) -> Pixels:
    """Show a part of a picture at another size.

    Args:
        pixels: RGB uint8 (height, width, 3), or one channel (height, width).
        box: (x0, y0, x1, y1) in px of `pixels`, fractional; clipped to the picture.
        size: (width, height) of the result.

    Returns:
        uint8 of that size; an unchanged copy of the pixels where box and size fit them exactly.
    """
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = max(0.0, box[0]), max(0.0, box[1]), min(width, box[2]), min(height, box[3])
    left, top = round(x0), round(y0)
    whole = (left, top, left + size[0], top + size[1])
    if np.allclose((x0, y0, x1, y1), whole, rtol=0, atol=1e-6):
        return pixels[top : whole[3], left : whole[2]].copy()
    reach = math.ceil(_REACH * max(1.0, (y1 - y0) / size[1])) + 1
    first, last = max(0, math.floor(y0) - reach), min(height, math.ceil(y1) + reach)
    rows = Image.fromarray(np.ascontiguousarray(pixels[first:last]))
    across = rows.resize((size[0], last - first), _LANCZOS, box=(x0, 0, x1, last - first))
    return np.asarray(across.resize(size, _LANCZOS, box=(0, y0 - first, size[0], y1 - first)))
