"""TIFF: directories by our own eyes, each page's pixels by Pillow and libtiff (TIFF 6.0, BigTIFF).

Each page is handed to the decoder as a small TIFF of its own, made of its pixel tags and its strips alone. So the
decoder never follows an offset of the file, and never meets metadata, further pages or a chain that turns in a circle.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageFile, TiffImagePlugin

from steps.errors import ImageUndecodable, ImageUnsupported
from steps.imaging.document import Document, Page
from steps.imaging.ifd import BrokenDirectory, Directory, read_directory, read_header
from steps.imaging.limits import Limits, Size
from steps.imaging.metadata import clean_directory
from steps.imaging.raster import to_page, upright, upright_dpi
from steps.imaging.reading.failures import decoding
from steps.imaging.reading.libtiff import strict_libtiff
from steps.imaging.reading.tiff_page import TiffPage, open_page
from steps.imaging.samples import Depth
from steps.imaging.sniff import ACCEPTED, TIFF

_SUBFILE_TYPE, _SUB_IFDS, _DNG_VERSION = 254, 330, 50706
_REDUCED, _MASK = 1, 4


@dataclass(frozen=True)
class TiffFile:
    """A TIFF whose directories have been read."""

    big: bool
    pages: tuple[TiffPage, ...]
    thumbnails: bool
    """There are directories of reduced pictures or masks, which are no pages."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The pages in order."""
        return tuple(page.size for page in self.pages)

    def decode(self) -> Document:
        """Decode every page; see `Opened.decode`. The metadata is the first page's."""
        cleaned = [clean_directory(page.directory, big=self.big, page=True) for page in self.pages]
        stripped = frozenset[str]().union(*(metadata.stripped for metadata in cleaned))
        if self.thumbnails:
            stripped |= {"thumbnail"}
        pages = tuple(
            _decode_page(page, metadata.orientation, metadata.dpi)
            for page, metadata in zip(self.pages, cleaned, strict=True)
        )
        return Document(
            pages=pages,
            mime_type=TIFF,
            exif=cleaned[0].exif,
            lossless=all(page.lossless for page in self.pages),
            stripped=tuple(sorted(stripped)),
        )


def open_tiff(content: bytes, limits: Limits) -> TiffFile:
    """Read a TIFF's directories, without following any of them twice.

    Raises:
        ImageUndecodable: truncated or damaged.
        ImageUnsupported: camera raw, or a kind of picture that is not read.
        ImageTooLarge: too many pages.
    """
    try:
        order, big, offset = read_header(content)
        directories = _chain(content, order, big, offset, limits)
    except BrokenDirectory as error:
        raise ImageUndecodable(f"the TIFF is truncated or damaged: {error}") from error
    if not directories:
        raise ImageUndecodable("the TIFF has no picture in it")
    first = directories[0]
    if _DNG_VERSION in first.places or (_reduced(first) and _SUB_IFDS in first.places):
        raise ImageUnsupported(f"this is a camera raw file (DNG, NEF, ARW …); {ACCEPTED}")
    kept = [directory for directory in directories if not _reduced(directory)] or directories[:1]
    pages = tuple(open_page(directory, limits) for directory in kept)
    if sum(count for page in pages for _, count in page.pieces) > len(content):
        raise ImageUndecodable("the TIFF is damaged: its strips or tiles overlap")
    return TiffFile(big, pages, len(kept) < len(directories))


def _chain(content: bytes, order: str, big: bool, offset: int, limits: Limits) -> list[Directory]:
    directories: list[Directory] = []
    seen = set()
    while offset:
        if offset in seen:
            raise BrokenDirectory("its directories point at each other in a circle")
        seen.add(offset)
        directories.append(read_directory(content, order, big, offset))
        limits.check_page_count(len(directories))
        offset = directories[-1].next
    return directories


def _reduced(directory: Directory) -> bool:
    return bool(directory.integer(_SUBFILE_TYPE, 0) & (_REDUCED | _MASK))


class _OnePage(TiffImagePlugin.TiffImageFile):
    """Pillow's reader without its check for decompression bombs: our limits were checked before."""

    def load_prepare(self) -> None:
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size, None).im
        ImageFile.ImageFile.load_prepare(self)


def _decode_page(page: TiffPage, orientation: int, dpi: tuple[float, float] | None) -> Page:
    with decoding("TIFF"), strict_libtiff():
        try:
            picture = _OnePage(io.BytesIO(page.as_file()))
        except SyntaxError as error:
            raise ImageUnsupported(f"{page.description} is not supported") from error
        picture.load()
    depth = Depth(
        bits=page.bits,
        measured=page.sample_format != 1 or page.bits > 16,
        inverted=page.inverted,
    )
    turned = upright(picture, orientation)
    del picture
    return to_page(turned, icc=page.icc, dpi=upright_dpi(dpi, orientation), depth=depth)
