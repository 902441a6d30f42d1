"""Who and what is in a picture that is to be continued or filled: people and things must not be copied."""

from dataclasses import dataclass, replace

import numpy as np

from steps import residency
from steps.backends.contract import Box, Detection, Detector
from steps.contract import Context, Message
from steps.environment import Environment
from steps.errors import BackendError
from steps.imaging.document import Mask, Pixels

THRESHOLD = 0.3
"""Lowest score of a detection that counts: a wrong one costs a little room to copy from, a missed one a double."""
LOOKS = (640, 1280)
"""Longest sides in px at which the detector sees the picture; beyond the picture's own only the first."""
PEOPLE = frozenset({"person", "face"})
HEAD = 0.4
"""Upper share of a person that is never copied; clothes may be, where they go on."""


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


def detections(pixels: Pixels, watch: Watch, context: Context) -> list[Detection]:
    """Return what the detector sees in a page; nothing without one."""
    found: list[Detection] = []
    if watch.detector is None:
        return found
    for size in LOOKS:
        if size == LOOKS[0] or max(pixels.shape) > size:
            context.check_cancelled()
            found += watch.detector.detect(pixels, size=size, threshold=THRESHOLD)
    return found


def head(seen: Detection) -> Detection:
    """Return what of somebody is never copied: a face whole, of a body the upper part."""
    if seen.label == "face":
        return seen
    box = seen.box
    return replace(seen, box=replace(box, y1=box.y0 + HEAD * box.height))


def mark(pixels: Pixels, boxes: list[Box]) -> Mask:
    """Return a mask of boxes with a small rim: uint8 (height, width), 255 = inside one."""
    marked = np.zeros(pixels.shape[:2], np.uint8)
    for box in boxes:
        rim = 0.03 * max(box.width, box.height)
        top, left = max(0, int(box.y0 - rim)), max(0, int(box.x0 - rim))
        marked[top : int(box.y1 + rim) + 1, left : int(box.x1 + rim) + 1] = 255
    return marked
