"""A first guess of what lies beyond a picture's edges: its edge pixels drawn out along its own lines.

Structure comes before texture: a horizon, the edge of a table, a gradient of the sky go on in the direction in
which they reach the border. Which way that is, the structure tensor says (Bigun and Granlund, 1987), averaged
over a neighbourhood: along a line the picture does not change. Where nothing has a direction, pixels are drawn
out straight. The guess is small and soft; the fill finds real texture that looks like it.
"""

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Mask, Pixels
from steps.outpaint.geometry import Extension
from steps.outpaint.hidden import covered

Floats = NDArray[np.float32]

PIXELS = 60_000
"""Area of the canvas at which the guess is made, at most."""
WINDOW = 0.03
"""Standard deviation of the neighbourhood that agrees on a direction, as a share of the longer side."""
LEAST_WINDOW = 2.0
"""The same in px, at least."""
STRAIGHT = 0.5
"""Pull straight outwards, as a share of the tensor's smaller eigenvalue: what runs all ways has no direction."""
WEAK = 0.04
"""The same as a share of the trace, so that lines along the border are left in the end."""
FAINT = 4.0
"""The same where there is next to no gradient (squared steps of 0..255 per px)."""
SLANT = 0.25
"""Least progress outwards per px along a line: flatter ones are followed no further."""


def drawn_out(pixels: Pixels, extension: Extension, taboo: Mask | None = None) -> Pixels:
    """Return the picture on its larger canvas, what is new guessed.

    Args:
        pixels: RGB uint8 (height, width, 3).
        extension: px to add on each side.
        taboo: uint8 (height, width), above 0 = not drawn out, but what lies beside it.
    """
    import cv2

    size = pixels.shape[1], pixels.shape[0]
    width, height = extension.of(size)
    scale = min(1.0, (PIXELS / (width * height)) ** 0.5)
    small = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    sides = {name: max(1, round(px * scale)) if px else 0 for name, px in extension.sides()}
    seen = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
    seen = seen.reshape(small[1], small[0], 3)
    if taboo is not None:
        # What a small pixel holds of it counts whole.
        share = cv2.resize(
            np.where(taboo > 0, 255, 0).astype(np.uint8), small, interpolation=cv2.INTER_AREA
        )
        seen = covered(seen, np.asarray(share, np.uint8).reshape(small[1], small[0]))
    guess = _guess(seen, Extension(**sides))
    canvas = cv2.resize(guess, (width, height), interpolation=cv2.INTER_LINEAR)
    made = np.asarray(canvas, np.uint8).reshape(height, width, 3)
    made[extension.inner(size)] = pixels
    return made


def _guess(pixels: Pixels, extension: Extension) -> Pixels:
    import cv2

    x, y = _origins(pixels, extension)
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.0)
    drawn = cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8).reshape(*x.shape, 3)


def _origins(pixels: Pixels, extension: Extension) -> tuple[Floats, Floats]:
    """Return for each pixel of the canvas the point (x, y) of the picture that it is drawn out from.

    From the border outwards, each px asks the one before it on its line.
    """
    import cv2

    height, width = pixels.shape[:2]
    far_x, far_y = (
        _beyond(width, extension.left, extension.right),
        _beyond(height, extension.top, extension.bottom),
    )
    aside, off = np.meshgrid(far_x, far_y)
    along_x, along_y = _directions(pixels, extension, aside, off)
    columns = np.arange(-extension.left, width + extension.right, dtype=np.float32)
    rows = np.arange(-extension.top, height + extension.bottom, dtype=np.float32)
    origin = np.dstack(np.meshgrid(columns, rows)).astype(np.float32)
    ring = np.maximum(np.abs(aside), np.abs(off))
    for number in range(1, int(ring.max()) + 1):
        place = np.nonzero(ring == number)
        main = np.where(np.abs(aside[place]) >= np.abs(off[place]), along_x[place], along_y[place])
        step = 1 / np.maximum(np.abs(main), SLANT)
        inner = number - 1
        x = np.clip(columns[place[1]] - along_x[place] * step, -inner, width - 1 + inner)
        y = np.clip(rows[place[0]] - along_y[place] * step, -inner, height - 1 + inner)
        x, y = x + extension.left, y + extension.top
        found = cv2.remap(
            origin,
            x.astype(np.float32)[None],
            y.astype(np.float32)[None],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        origin[place] = found[0]
    return (
        np.clip(origin[..., 0], 0, width - 1),
        np.clip(origin[..., 1], 0, height - 1),
    )


def _beyond(side: int, before: int, after: int) -> Floats:
    """Return how far each place of a line lies beyond the picture: below 0 before it, 0 within."""
    index = np.arange(-before, side + after)
    return (np.minimum(index, 0) + np.maximum(index - side + 1, 0)).astype(np.float32)


def _directions(
    pixels: Pixels, extension: Extension, aside: Floats, off: Floats
) -> tuple[Floats, Floats]:
    """Return which way lines run outwards at each pixel of the canvas: unit vectors (x, y).

    Of all directions the one along which the picture changes least, pulled straight outwards: the v that
    minimises vᵀJv + pull · |v − outwards|².
    """
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    tensor = np.dstack([right * right, right * down, down * down])
    window = max(LEAST_WINDOW, WINDOW * max(grey.shape))
    tensor = cv2.GaussianBlur(tensor, (0, 0), window)
    sides = extension.top, extension.bottom, extension.left, extension.right
    tensor = cv2.copyMakeBorder(tensor, *sides, cv2.BORDER_REPLICATE)
    across, both, along = cv2.split(cv2.GaussianBlur(tensor, (0, 0), LEAST_WINDOW))
    distance = np.maximum(np.hypot(aside, off), 1e-6)
    out_x, out_y = aside / distance, off / distance
    trace = across + along
    least = np.maximum(trace - np.hypot(across - along, 2 * both), 0) / 2
    pull = STRAIGHT * least + WEAK * trace + FAINT
    across, along = across + pull, along + pull
    x, y = along * out_x - both * out_y, across * out_y - both * out_x
    length = np.maximum(np.hypot(x, y), 1e-12)
    return (x / length).astype(np.float32), (y / length).astype(np.float32)
