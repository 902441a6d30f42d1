"""What the report of a style transfer holds beyond the common fields."""

from steps.contract import Report, Wire


class StyledPage(Wire):
    """What happened to one page."""

    size: tuple[int, int]
    """(width, height) of the page in px."""
    working_size: tuple[int, int] | None
    """(width, height) in px at which it was painted; None when nothing was to be painted."""
    changed_share: float
    """Share of the page's pixels (0..1) that differ from the source's."""
    drift: float
    """How far the content drifted, 0..1: one minus the mean, over the painted region, of the local
    correlation of brightness with the source (as in SSIM's structure term, its sign ignored), weighted
    by the source's local contrast. 0 = every form is where it was; an unrelated picture has about 0.75, a
    blank one 1."""
    colour_error: float | None
    """Mean distance between the result's and the source's (Cb, Cr) of ITU-R BT.601 over the painted
    region, in levels of 0..255; None unless the colours were to be kept."""
    largest_difference_outside: int | None
    """Largest difference (0..255) of any channel where the mask is 0, before encoding; None without a mask."""


class StyleTransferReport(Report):
    """The record of a style transfer."""

    style: str
    """The named style, "picture" where a part gave it, or "words" where the prompt alone says it."""
    style_sha256: str | None = None
    """SHA-256 of the style part's bytes; None without one, or inside a chain."""
    pages: tuple[StyledPage, ...]
    """One for each page, in order."""
