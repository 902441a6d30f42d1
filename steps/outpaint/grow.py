"""Growing a picture ring by ring: each ring is filled from what is there, then matched to it in tone."""

import numpy as np

from steps.backends.contract import NO_WORDS, Inpainter, Words
from steps.compose import blend
from steps.contract import Context
from steps.fill import soften
from steps.imaging.document import Mask, Pixels
from steps.outpaint.border import meet
from steps.outpaint.geometry import Extension
from steps.outpaint.guess import drawn_out
from steps.outpaint.hidden import LARGE, small_pieces
from steps.outpaint.palette import draw_back
from steps.outpaint.tone import match


def grow(
    pixels: Pixels,
    extension: Extension,
    taboo: Mask,
    inpainter: Inpainter,
    context: Context,
    *,
    seed: int,
    feather: int = 0,
    words: Words = NO_WORDS,
) -> Pixels:
    """Return the picture, continued on its sides.

    Args:
        pixels: RGB uint8 (height, width, 3).
        extension: px to add on each side.
        taboo: uint8 (height, width), above 0 = must not be copied from.
        inpainter: fills a ring.
        context: for progress and cancellation.
        seed: of everything random, 32 bits.
        feather: px of the original at its extended edges that fade into the new area.
        words: what is to be seen there.

    Returns:
        RGB uint8 of the extended size; the original's pixels as they were where no feather reaches.
    """
    size = pixels.shape[1], pixels.shape[0]
    rings = extension.rings(size)
    original = Extension(0, 0, 0, 0)
    areas = [w * h for w, h in _sizes(pixels, rings)]
    for number, ring in enumerate(rings):
        context.check_cancelled()
        inner = ring.inner((pixels.shape[1], pixels.shape[0]))
        canvas, hole = _framed(pixels, ring, taboo)
        forbidden = np.zeros_like(hole)
        forbidden[inner] = taboo
        opacity = soften(hole, feather, feather) if feather and number == 0 else hole
        marked = np.where(opacity > 0, 255, 0).astype(np.uint8)
        forbidden[marked > 0] = 0
        filled = inpainter.refine(
            canvas,
            marked,
            seed=seed,
            check_cancelled=context.check_cancelled,
            forbidden=forbidden if forbidden.any() else None,
            words=words,
        )
        original = original.and_then(ring)
        draw_back(filled, original.inner(size), forbidden)
        match(filled, inner, forbidden)
        meet(filled, inner, forbidden)
        # Without a feather what is not new came back as it was.
        pixels = blend(canvas, filled, opacity) if opacity is not hole else filled
        taboo = forbidden
        context.progress(sum(areas[: number + 1]) / sum(areas), "filling")
    return pixels


def _sizes(pixels: Pixels, rings: list[Extension]) -> list[tuple[int, int]]:
    found, size = [], (pixels.shape[1], pixels.shape[0])
    for ring in rings:
        size = ring.of(size)
        found.append(size)
    return found


def _framed(pixels: Pixels, ring: Extension, taboo: Mask) -> tuple[Pixels, Mask]:
    """Return the picture on its larger canvas with a guess of what is new, and the mask of that."""
    import cv2

    sides = ring.top, ring.bottom, ring.left, ring.right
    hidden = small_pieces(taboo, LARGE * min(taboo.shape))
    hole = cv2.copyMakeBorder(
        np.zeros(pixels.shape[:2], np.uint8), *sides, cv2.BORDER_CONSTANT, value=[255]
    )
    return drawn_out(pixels, ring, hidden), np.asarray(hole, np.uint8)
