"""The steps under test, called as everybody calls them, without encoding."""

from collections.abc import Mapping
from dataclasses import dataclass

from steps.anonymize.report import AnonymizeReport
from steps.contract import Context, Item, Part, Report, Role
from steps.imaging.decode import decode
from steps.imaging.document import Document, Mask, Page, Pixels
from steps.imaging.mask import encode_masks
from steps.run import run_step


@dataclass(frozen=True, slots=True)
class Anonymized:
    """What the step gave back."""

    pixels: Pixels
    """RGB uint8 (height, width, 3)."""
    mask: Mask
    """Uint8 (height, width), 255 = changed."""
    report: AnonymizeReport


@dataclass(frozen=True, slots=True)
class Inpainted:
    """What the step "inpaint" gave back: the same fill, for a mask of one's own."""

    pixels: Pixels
    """RGB uint8 (height, width, 3)."""
    mask: Mask
    """Uint8 (height, width), 255 = changed: the mask, grown by the step."""
    seconds: float
    """For the fill alone."""


def anonymize(pixels: Pixels, parameters: Mapping[str, object] | None = None) -> Anonymized:
    """Run the step on pixels, with its defaults where `parameters` say nothing."""
    picture, mask, report = _run("anonymize", (_source(pixels),), parameters or {})
    if not isinstance(report, AnonymizeReport):
        raise TypeError(f"the step reported a {type(report).__qualname__}")
    return Anonymized(picture, mask, report)


def inpaint(pixels: Pixels, mask: Mask) -> Inpainted:
    """Fill where a mask (uint8, 255 = fill) says."""
    given = Part(content=encode_masks([mask])[0], filename="mask.png", role=Role.MASK)
    picture, grown, report = _run("inpaint", (_source(pixels), given), {})
    return Inpainted(picture, grown, report.timings["fill"])


def _source(pixels: Pixels) -> Part:
    document = Document(pages=(Page(pixels=pixels),), mime_type="image/png", lossless=True)
    return Part(content=document, filename="scene.png")


def _run(
    step: str, parts: tuple[Part, ...], parameters: Mapping[str, object]
) -> tuple[Pixels, Mask, Report]:
    result = run_step(step, Item(parts=parts), parameters, Context(output=None))
    picture, mask = (part.content for part in result.parts)
    if not isinstance(picture, Document) or isinstance(mask, Document):
        raise TypeError("the step gave its picture encoded, or its mask decoded")
    changed = decode(mask).pages[0].pixels[..., 0].copy()
    return picture.pages[0].pixels, changed, result.report
