"""What a decoded picture is: pages of pixels, and what must survive to the encoded result."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
"""RGB, shape (height, width, 3), 0..255."""
Mask: TypeAlias = NDArray[np.uint8]
"""Shape (height, width); 255 = the region to change, 0 = keep."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One picture of a document, upright (the EXIF orientation is already applied)."""

    pixels: Pixels
    """RGB uint8, (height, width, 3)."""
    alpha: Mask | None = None
    """Opacity, uint8 (height, width), 255 = opaque; None when the source has no transparency."""
    icc: bytes | None = None
    """ICC profile of `pixels`; None means sRGB."""
    dpi: tuple[float, float] | None = None
    """Resolution (horizontal, vertical) in dots per inch; None when the source names none."""
    grey: bool = False
    """The source had one channel; the encoder writes one channel again if the pixels stayed grey."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height

    def with_pixels(self, pixels: Pixels, alpha: Mask | None = None) -> "Page":
        """Return the page with new pixels (and alpha), everything else kept."""
        return replace(self, pixels=pixels, alpha=alpha)


@dataclass(frozen=True, kw_only=True)
class JpegSettings:
    """How the source JPEG was written, so that the result is not written worse."""

    quantization: dict[int, list[int]]
    """Quantization tables by index, 64 numbers each, in the order that Pillow reads and writes."""
    subsampling: str
    """Chroma subsampling: "4:4:4", "4:2:2", "4:2:0"; other layouts are written as "4:4:4"."""
    progressive: bool = False
    """Whether the scans are progressive."""
    coded: bytes | None = None
    """The source's own file without any metadata, as long as its page is unchanged: a picture in which nothing
    was done is delivered without being coded once more. None where the file is not upright or not RGB or grey."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A decoded file: one page for a photo, several for a multi-page TIFF."""

    pages: tuple[Page, ...]
    mime_type: str
    """The source's type as found in its content, e.g. "image/jpeg"."""
    exif: bytes | None = None
    """EXIF block to write, as a TIFF structure without the prefix "Exif": orientation, GPS, serial numbers,
    thumbnail and maker notes removed."""
    jpeg: JpegSettings | None = None
    """Set when the source was a JPEG."""
    lossless: bool = False
    """The source was stored without loss; a WebP made of it is then too, unless a quality is asked for."""
    stripped: tuple[str, ...] = field(default=())
    """What was left out: "gps", "serial-numbers", "owner-name", "maker-notes", "thumbnail", "description", "xmp",
    "iptc", "comments", "text", "other-tags", "embedded-pictures", "trailing-data"; sorted."""

    def with_pages(self, pages: tuple[Page, ...]) -> "Document":
        """Return the document with new pages, everything else kept."""
        unchanged = len(pages) == len(self.pages) and all(
            new.pixels is old.pixels and new.alpha is old.alpha
            for new, old in zip(pages, self.pages, strict=True)
        )
        jpeg = self.jpeg if self.jpeg is None or unchanged else replace(self.jpeg, coded=None)
        return replace(self, pages=pages, jpeg=jpeg)
