"""What must not be copied into a hole: people elsewhere in the picture, and heads everywhere."""

import numpy as np

from steps.contract import Context
from steps.imaging.document import Mask, Pixels
from steps.watch import PEOPLE, Watch, detections, head, mark

ENOUGH = 0.15
"""Share of the picture that is to be left to copy from; where people leave less, only heads count."""


def not_copied(pixels: Pixels, core: Mask, watch: Watch, context: Context) -> Mask:
    """Mark what must not be copied: uint8 (height, width), 255 = not.

    Of somebody on whom the hole lies, clothes may be copied, since they go on there (a logo is taken off a
    shirt). What the hole itself covers is gone anyway.

    Args:
        pixels: the page, RGB uint8 (height, width, 3).
        core: uint8 (height, width), above 0 = the hole.
        watch: who looks for people.
        context: for cancellation.
    """
    people = [one for one in detections(pixels, watch, context) if one.label in PEOPLE]
    heads = mark(pixels, [head(one).box for one in people])
    bodies = [one.box for one in people if not (mark(pixels, [one.box])[core > 0] > 0).any()]
    whole = np.maximum(heads, mark(pixels, bodies))
    free = (whole == 0) & (core == 0)
    return whole if free.mean() >= ENOUGH else heads
