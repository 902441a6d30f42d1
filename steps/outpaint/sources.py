"""What of a picture must not be copied into its continuation: people, things, and what is striking."""

from dataclasses import dataclass

import numpy as np

from steps import residency
from steps.backends.contract import Detection, Detector
from steps.contract import Context, Message
from steps.environment import Environment
from steps.errors import BackendError
from steps.imaging.document import Mask, Page, Pixels
from steps.outpaint.geometry import Extension
from steps.outpaint.striking import striking

THRESHOLD = 0.3
"""Lowest score of a detection that counts: a wrong one costs a little room to copy from, a missed one a double."""
LOOKS = (640, 1280)
"""Longest sides in px at which the detector sees the picture; beyond the picture's own only the first."""
PEOPLE = frozenset({"person", "face"})
SURROUNDINGS = frozenset({"dining table", "bed", "couch"})
"""Things that pictures are taken on or in; their surface is what has to be continued."""
BAND = 0.08
"""Things may be copied this near an extended edge, as a share of the longer side: they are cut there,
and have to be continued somehow."""
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

    People and transparent pixels count wherever they are, other things away from the extended edges.
    Where that leaves too little, people count like things.
    """
    context.check_cancelled()
    rare = striking(page.pixels)
    context.check_cancelled()
    seen = _detections(page.pixels, watch, context)
    people = _boxes(page.pixels, [one for one in seen if one.label in PEOPLE])
    things = _boxes(page.pixels, [one for one in seen if one.label not in PEOPLE])
    clear = np.zeros_like(rare) if page.alpha is None else np.where(page.alpha < 128, 255, 0)
    for marked in (
        people | _away_from_edges(things | rare, extension),
        people | _away_from_edges(things, extension),
        _away_from_edges(people | things, extension),
    ):
        found = (marked | clear).astype(np.uint8)
        if (found == 0).mean() >= ENOUGH:
            return found
    return clear.astype(np.uint8)


def _detections(pixels: Pixels, watch: Watch, context: Context) -> list[Detection]:
    found: list[Detection] = []
    if watch.detector is None:
        return found
    for size in LOOKS:
        if size == LOOKS[0] or max(pixels.shape) > size:
            context.check_cancelled()
            found += watch.detector.detect(pixels, size=size, threshold=THRESHOLD)
    return [one for one in found if one.label not in SURROUNDINGS]


def _boxes(pixels: Pixels, detections: list[Detection]) -> Mask:
    marked = np.zeros(pixels.shape[:2], np.uint8)
    for box in (one.box for one in detections):
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
