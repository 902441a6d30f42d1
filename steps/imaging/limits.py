"""How large a file and its pictures may be. Checked on the header, before a pixel is decoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from steps.errors import ImageTooLarge, ImageUndecodable

Size = tuple[int, int]
"""(width, height) in pixels."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Largest file, picture and document that is decoded. Each variable is RETUSCHE_ + the field's name."""

    max_bytes: int = 200_000_000
    """Bytes of one file; an uncompressed 16-bit scan of 33 megapixels. RETUSCHE_MAX_BYTES."""
    max_pixels: int = 150_000_000
    """Pixels of one page; A0 at 300 dpi has 139 million. Decoding needs about 7 bytes for each, so
    1 GB at the limit. RETUSCHE_MAX_PIXELS."""
    max_total_pixels: int = 500_000_000
    """Pixels of all pages together, which are held at 3 bytes each: 1.5 GB at the limit, 57 pages of
    A4 at 300 dpi. RETUSCHE_MAX_TOTAL_PIXELS."""
    max_pages: int = 500
    """Pages of one file. RETUSCHE_MAX_PAGES."""
    max_side: int = 65_500
    """Longer side in pixels; a JPEG cannot be written larger (libjpeg's JPEG_MAX_DIMENSION).
    RETUSCHE_MAX_SIDE."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str]) -> "Limits":
        """Read the RETUSCHE_MAX_* variables; the defaults stand where one is missing or empty.

        Raises:
            ValueError: a value is not a whole number of at least 1; the message names the variable.
        """
        found: dict[str, int] = {}
        for field in fields(cls):
            name = f"RETUSCHE_{field.name.upper()}"
            value = variables.get(name, "")
            if not value:
                continue
            if not value.isdecimal() or int(value) < 1:
                raise ValueError(f"{name}={value!r} must be a whole number of at least 1")
            found[field.name] = int(value)
        return cls(**found)

    def check_bytes(self, count: int) -> None:
        """Refuse a file of more than `max_bytes`.

        Raises:
            ImageTooLarge: it has more.
        """
        if count > self.max_bytes:
            raise ImageTooLarge(
                f"the file has {count:,} bytes; at most {self.max_bytes:,} are accepted"
            )

    def check_page_count(self, count: int) -> None:
        """Refuse a document of more than `max_pages`.

        Raises:
            ImageTooLarge: it has more.
        """
        if count > self.max_pages:
            raise ImageTooLarge(
                f"the file has more than {self.max_pages:,} pages, the most accepted"
            )

    def check_sizes(self, sizes: Sequence[Size]) -> None:
        """Refuse pages that are empty or too large, one by one and together.

        Raises:
            ImageUndecodable: a page has no pixels.
            ImageTooLarge: a page or all of them together are over a limit.
        """
        self.check_page_count(len(sizes))
        for width, height in sizes:
            self.check_size(width, height)
        total = sum(width * height for width, height in sizes)
        if total > self.max_total_pixels:
            raise ImageTooLarge(
                f"the {len(sizes)} pages have {total:,} pixels together;"
                f" at most {self.max_total_pixels:,} are accepted"
            )

    def check_size(self, width: int, height: int) -> None:
        """Refuse one page that is empty or too large.

        Raises:
            ImageUndecodable: the page has no pixels.
            ImageTooLarge: a side or the number of pixels is over its limit.
        """
        if width < 1 or height < 1:
            raise ImageUndecodable(
                f"the picture is empty: its header says {width} × {height} pixels"
            )
        if max(width, height) > self.max_side:
            raise ImageTooLarge(
                f"the picture has {width:,} × {height:,} pixels; a side of at most {self.max_side:,} is accepted"
            )
        if width * height > self.max_pixels:
            raise ImageTooLarge(
                f"the picture has {width:,} × {height:,} pixels;"
                f" at most {self.max_pixels:,} in all are accepted"
            )
