"""What of a picture must not be copied into its continuation: people, things, and what is striking."""

from dataclasses import dataclass, replace

import numpy as np

from steps import residency
from steps.backends.contract import Box, Detection, Detector
from steps.contract import Context, Message
from steps.environment import Environment
from steps.errors import BackendError
from steps.imaging.document import Mask, Page, Pixels
from steps.outpaint.geometry import Extension
from steps.outpaint.hidden import LARGE, transparent
from steps.outpaint.striking import striking

THRESHOLD = 0.3
"""Lowest score of a detection that counts: a wrong one costs a little room to copy from, a missed one a double."""
LOOKS = (640, 1280)
"""Longest sides in px at which the detector sees the picture; beyond the picture's own only the first."""
PEOPLE = frozenset({"person", "face"})
HEAD = 0.4
"""Upper share of a person that is never copied; clothes may be, where an edge cuts them."""
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


@dataclass(frozen=True, slots=True)
class Watch:
    """The detector, or why there is none."""

    detector: Detector | None
    messages: tuple[Message, ...] = ()

    @classmethod
    def load(cls, wanted: str, environment: Environment) -> "Watch":
        """Load the detector: the named one, or with "auto" the best there is, if any.

        Raises:
            BackendUnavailable, WeightsMissing, WeightsInvalid: the named one cannot be used.
        """
        if wanted == "none":
            return cls(None)
        try:
            return cls(residency.choose(Detector, wanted, environment))
        except BackendError as error:
            if wanted != "auto":
                raise
            text = f"no detector looked for people and things, so one may have been copied: {error.detail}"
            return cls(None, (Message(severity="warning", code="no-detector", text=text),))


def not_copied(page: Page, extension: Extension, watch: Watch, context: Context) -> Mask:
    """Mark what must not be copied: uint8 (height, width) of the page, 255 = not.

    Heads and transparent pixels count wherever they are; bodies and things but for the strip next to an extended
    edge that cuts them, so that a coat or a table can go on. Where that leaves too little, less counts.
    """
    context.check_cancelled()
    rare = striking(page.pixels)
    context.check_cancelled()
    seen = _detections(page.pixels, watch, context)
    people = [one for one in seen if one.label in PEOPLE]
    heads = _boxes(page.pixels, [_head(one).box for one in people])
    bodies = _boxes(page.pixels, [_uncut(one.box, page.size, extension) for one in people])
    things = [_uncut(one.box, page.size, extension) for one in seen if one not in people]
    goods = bodies | _away_from_edges(_boxes(page.pixels, things), extension)
    rare = _away_from_edges(rare, extension)
    clear = transparent(page)
    for marked in (heads | goods | rare, heads | goods, goods):
        found = (marked | clear).astype(np.uint8)
        if (found == 0).mean() >= ENOUGH:
            return found
    return clear


def _detections(pixels: Pixels, watch: Watch, context: Context) -> list[Detection]:
    found: list[Detection] = []
    if watch.detector is None:
        return found
    for size in LOOKS:
        if size == LOOKS[0] or max(pixels.shape) > size:
            context.check_cancelled()
            found += watch.detector.detect(pixels, size=size, threshold=THRESHOLD)
    return [one for one in found if one.label not in SURROUNDINGS]


def _head(seen: Detection) -> Detection:
    """Return what of a person is never copied: a face whole, of a body the upper part."""
    if seen.label == "face":
        return seen
    box = seen.box
    return replace(seen, box=replace(box, y1=box.y0 + HEAD * box.height))


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


def _boxes(pixels: Pixels, boxes: list[Box]) -> Mask:
    marked = np.zeros(pixels.shape[:2], np.uint8)
    for box in boxes:
        rim = 0.03 * max(box.width, box.height)
        top, left = max(0, int(box.y0 - rim)), max(0, int(box.x0 - rim))
        marked[top : int(box.y1 + rim) + 1, left : int(box.x1 + rim) + 1] = 255
    return marked


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
