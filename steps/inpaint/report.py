"""The record of a fill."""

from pydantic import Field

from steps.contract import Report, Wire


class InpaintPage(Wire):
    """What was done to one page."""

    number: int
    """1 for the first page."""
    width: int
    height: int
    mask_share: float = Field(ge=0, le=1)
    """Share of the page under the grown mask."""
    changed_share: float = Field(ge=0, le=1)
    """Share of the page's pixels that differ from the source."""
    largest_difference_outside_mask: int = Field(ge=0, le=255)
    """Largest difference of any channel outside the grown mask, before encoding; 0 by promise."""
    seam: float | None = None
    """Step across the mask's border over the step beside it: about 1 where no seam shows; None without a border."""


class InpaintReport(Report):
    """The report of the step "inpaint"."""

    pages: tuple[InpaintPage, ...]
    mask_from: str
    """"mask" (a part of that role) or "alpha" (the picture's own transparency)."""
    delivered_lossless: bool
    """Whether the file delivers the pixels exactly (PNG, TIFF, BMP) or was encoded once more (JPEG, WebP)."""
    metadata_stripped: tuple[str, ...] = ()
    """What was left out of the source's metadata."""
