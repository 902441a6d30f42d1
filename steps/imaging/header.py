"""The look at a file before any of it is decoded: its type by content, its header, the limits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from steps.errors import ImageError
from steps.imaging.limits import Limits, Size
from steps.imaging.reading.bmp import open_bmp
from steps.imaging.reading.heif import open_heif
from steps.imaging.reading.jpeg import open_jpeg
from steps.imaging.reading.opened import Opened
from steps.imaging.reading.png import open_png
from steps.imaging.reading.tiff import open_tiff
from steps.imaging.reading.webp import open_webp
from steps.imaging.sniff import AVIF, BMP, HEIC, JPEG, PNG, TIFF, WEBP, sniff

_READERS: dict[str, Callable[[bytes, Limits], Opened]] = {
    JPEG: open_jpeg,
    PNG: open_png,
    WEBP: open_webp,
    TIFF: open_tiff,
    BMP: open_bmp,
    HEIC: open_heif,
    AVIF: open_heif,
}


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file's header says."""

    mime_type: str
    """Its type by content, one of `steps.imaging.sniff.READABLE`."""
    sizes: tuple[Size, ...]
    """(width, height) of each page as stored; an EXIF orientation may still swap them."""


def inspect(content: bytes, *, filename: str = "", limits: Limits | None = None) -> Header:
    """Check a file as `decode` would before it decodes anything. Takes milliseconds, whatever the file.

    Args:
        content: the file.
        filename: named in the error; it does not decide what the file is.
        limits: the defaults where None.

    Raises:
        ImageUndecodable: no picture, damaged or truncated as far as the header shows.
        ImageUnsupported: a known kind that is not accepted.
        ImageTooLarge: over one of the limits.
    """
    with naming(filename):
        opened = open_file(content, limits or Limits())
        return Header(mime_type=sniff(content), sizes=opened.sizes)


def open_file(content: bytes, limits: Limits) -> Opened:
    """Return a file ready to be decoded, its header read and within the limits; errors as `inspect`'s."""
    limits.check_bytes(len(content))
    opened = _READERS[sniff(content)](content, limits)
    limits.check_sizes(opened.sizes)
    return opened


@contextmanager
def naming(filename: str) -> Iterator[None]:
    """Put the file's name before the detail of an image error, and into its pointer."""
    try:
        yield
    except ImageError as error:
        if not filename or error.pointer:
            raise
        raise type(error)(f"{filename}: {error.detail}", pointer=filename) from error
