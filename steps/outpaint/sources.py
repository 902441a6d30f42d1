"""What of a picture must not be copied into its continuation: people, things, and what is striking."""

import numpy as np

from steps.backends.contract import Box
from steps.contract import Context
from steps.imaging.document import Mask, Page
from steps.outpaint.geometry import Extension
from steps.outpaint.hidden import LARGE, transparent
from steps.outpaint.striking import striking
from steps.watch import PEOPLE, Watch, detections, head, mark

SURROUNDINGS = frozenset({"dining table", "bed", "couch"})
"""Things that pictures are taken on or in; their surface is what has to be continued."""
BAND = 0.08
"""What is striking and is no person may be copied this near an extended edge, as a share of the longer side: it
goes on there."""
CUT = 0.02
"""A thing that reaches this near an extended edge is taken to be cut by it, the same share."""
CUT_BAND = 0.16
"""Of a thing that is cut, this much next to the edge may be copied, the same share: it has to go on somehow."""
CUT_SHARE = 0.5
"""The same as a share of the thing itself, at most: never the whole."""
ENOUGH = 0.15
"""Share of the picture that is to be left to copy from."""


def not_copied(page: Page, extension: Extension, watch: Watch, context: Context) -> Mask:
    """Mark what must not be copied: uint8 (height, width) of the page, 255 = not.

    Heads and transparent pixels count wherever they are; bodies and things but for the strip next to an extended
    edge that cuts them, so that a coat or a table can go on. Where that leaves too little, less counts.
    """
    context.check_cancelled()
    rare = striking(page.pixels)
    context.check_cancelled()
    seen = [one for one in detections(page.pixels, watch, context) if one.label not in SURROUNDINGS]
    people = [one for one in seen if one.label in PEOPLE]
    heads = mark(page.pixels, [head(one).box for one in people])
    bodies = mark(page.pixels, [_uncut(one.box, page.size, extension) for one in people])
    things = [_uncut(one.box, page.size, extension) for one in seen if one not in people]
    goods = bodies | _away_from_edges(mark(page.pixels, things), extension)
    rare = _away_from_edges(rare, extension)
    clear = transparent(page)
    for marked in (heads | goods | rare, heads | goods, goods):
        found = (marked | clear).astype(np.uint8)
        if (found == 0).mean() >= ENOUGH:
            return found
    return clear


def _uncut(box: Box, size: tuple[int, int], extension: Extension) -> Box:
    """Return what is left of a box without what may be copied: strips next to extended edges that cut it."""
    width, height = size
    if max(box.width, box.height) < LARGE * min(size):
        return box
    near, deep = CUT * max(size), CUT_BAND * max(size)
    aside, down = min(deep, CUT_SHARE * box.width), min(deep, CUT_SHARE * box.height)
    return Box(
        max(box.x0, aside) if extension.left and box.x0 <= near else box.x0,
        max(box.y0, down) if extension.top and box.y0 <= near else box.y0,
        min(box.x1, width - aside) if extension.right and box.x1 >= width - near else box.x1,
        min(box.y1, height - down) if extension.bottom and box.y1 >= height - near else box.y1,
    )


def _away_from_edges(marked: Mask, extension: Extension) -> Mask:
    height, width = marked.shape
    band = max(1, round(BAND * max(height, width)))
    result = np.zeros_like(marked)
    inner = (
        slice(band if extension.top else 0, max(0, height - band) if extension.bottom else height),
        slice(band if extension.left else 0, max(0, width - band) if extension.right else width),
    )
    result[inner] = marked[inner]
    return result
