"""The record of an anonymization: what was seen, what was done, and what the result was proved to be."""

from typing import Literal

from pydantic import Field

from steps.anonymize.outline import Shape
from steps.backends.contract import Detection
from steps.contract import Report, Wire

Verdict = Literal["nothing-found", "clean", "redacted", "residual"]
"""Worst first: "residual" (something is still seen, and the caller asked only for a report),
"redacted" (clean, after covering what could not be filled), "clean", "nothing-found"."""

SEVERITY: tuple[Verdict, ...] = ("nothing-found", "clean", "redacted", "residual")


class SeenThing(Wire):
    """One thing that a detector saw."""

    label: str
    """The detector's name of the class."""
    score: float = Field(ge=0, le=1)
    """Confidence on the detector's own scale."""
    box: tuple[float, float, float, float]
    """[x0, y0, x1, y1] in px of the upright picture, to a tenth."""
    width: float
    """Width of the box in px."""
    height: float
    """Height of the box in px."""
    shape: Shape | None = None
    """Shape of its mask; None where nothing was removed."""


def seen(found: Detection, shape: Shape | None = None) -> SeenThing:
    """Return what the report says of a detection."""
    box = found.box
    return SeenThing(
        label=found.label,
        score=round(found.score, 4),
        box=(round(box.x0, 1), round(box.y0, 1), round(box.x1, 1), round(box.y1, 1)),
        width=round(box.width, 1),
        height=round(box.height, 1),
        shape=shape,
    )


class FillRound(Wire):
    """One round of filling and looking again."""

    number: int
    """1 is the first fill; later ones have a larger mask and a lower threshold."""
    method: str
    """"inpaint", "blur", "pixelate" or "solid"; "solid" after the last round covers a remainder."""
    mask_share: float = Field(ge=0, le=1)
    """Share of the page under the dilated mask."""
    residual: tuple[SeenThing, ...] = ()
    """What the detectors still saw afterwards in the picture as delivered."""


class AnonymizedPage(Wire):
    """What was done to one page."""

    number: int
    """1 for the first page."""
    width: int
    height: int
    detections: tuple[SeenThing, ...] = ()
    """What was seen and removed."""
    left_alone: tuple[SeenThing, ...] = ()
    """What was seen and left, because of an ignore zone or a keep zone."""
    rounds: tuple[FillRound, ...] = ()
    residual: tuple[SeenThing, ...] = ()
    """What is still seen in the delivered page; empty unless the verdict is "residual"."""
    changed_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the page's pixels that differ from the source."""
    largest_difference_outside_mask: int = Field(default=0, ge=0, le=255)
    """Largest difference of any channel outside the dilated mask, before encoding; 0 by promise."""
    verdict: Verdict


class AnonymizeReport(Report):
    """The report of the step "anonymize"."""

    verdict: Verdict
    """The worst verdict of all pages."""
    pages: tuple[AnonymizedPage, ...]
    delivered_lossless: bool
    """Whether the file delivers the pixels exactly (PNG, TIFF, BMP) or was encoded once more (JPEG, WebP)."""
    metadata_stripped: tuple[str, ...] = ()
    """What was left out of the source's metadata."""

    @property
    def found(self) -> int:
        """Number of things removed, over all pages."""
        return sum(len(page.detections) for page in self.pages)


def worst(pages: tuple[AnonymizedPage, ...]) -> Verdict:
    """Return the worst verdict of all pages."""
    return max((page.verdict for page in pages), key=SEVERITY.index)
