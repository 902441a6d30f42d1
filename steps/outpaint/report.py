"""The record of an outpainting."""

from pydantic import Field

from steps.contract import Report, Wire


class OutpaintPage(Wire):
    """What was done to one page."""

    number: int
    """1 for the first page."""
    source_size: tuple[int, int]
    """Width and height in px before."""
    size: tuple[int, int]
    """Width and height in px after."""
    left: int
    """Px added on the left, and so the column at which the original begins."""
    right: int
    """Px added on the right."""
    top: int
    """Px added above, and so the row at which the original begins."""
    bottom: int
    """Px added below."""
    rings: int
    """In how many rings the new area grew."""
    not_copied_share: float = Field(ge=0, le=1)
    """Share of the original that was not copied from: people, things, and what is striking there."""
    largest_difference_of_original: int = Field(ge=0, le=255)
    """Largest difference of any channel in the original (beyond the feather), before encoding; 0 by promise."""
    seam: float | None = None
    """Step across the border over the step beside it: about 1 or less where no seam shows; None without a border."""
    colour_difference: float | None = None
    """Mean ΔE (CIE 1976) between strips inside the border and just beyond the few px outside it that mirror the
    original; None without a border."""
    colour_difference_inside: float | None = None
    """The same between strips as far apart inside the original: what its own contents make."""


class OutpaintReport(Report):
    """The report of the step "outpaint"."""

    pages: tuple[OutpaintPage, ...]
    delivered_lossless: bool
    """Whether the file delivers the pixels exactly (PNG, TIFF, BMP) or was encoded once more (JPEG, WebP)."""
    metadata_stripped: tuple[str, ...] = ()
    """What was left out of the source's metadata."""
