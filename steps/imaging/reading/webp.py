"""WebP: container by our own eyes, pixels by libwebp through Pillow (RFC 9649)."""

import io
import struct
from dataclasses import dataclass

from PIL import WebPImagePlugin

from steps.errors import ImageUndecodable, ImageUnsupported
from steps.imaging.document import Document
from steps.imaging.limits import Limits, Size
from steps.imaging.metadata import clean_exif
from steps.imaging.raster import to_page, upright, upright_dpi
from steps.imaging.reading.failures import decoding
from steps.imaging.sniff import ACCEPTED, WEBP

_PICTURE = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"EXIF", b"ANIM", b"ANMF"}
_MAX_CHUNKS = 10_000


@dataclass(frozen=True)
class WebpFile:
    """A WebP whose chunks have been read."""

    content: bytes
    """The file up to the end that its own header announces."""
    chunks: dict[bytes, tuple[int, int]]
    """Name → start and end of the contents of the first chunk of that name."""
    size: Size
    trailing: bool
    """Bytes follow the picture."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One page."""
        return (self.size,)

    def decode(self) -> Document:
        """Decode the picture; see `Opened.decode`."""
        metadata = clean_exif(self._body(b"EXIF"))
        with decoding("WebP"):
            picture = WebPImagePlugin.WebPImageFile(io.BytesIO(self.content))
            picture.load()
        turned = upright(picture, metadata.orientation)
        del picture
        dpi = upright_dpi(metadata.dpi, metadata.orientation)
        page = to_page(turned, icc=self._body(b"ICCP"), dpi=dpi)
        words = {
            "xmp" if name == b"XMP " else "other-tags"
            for name in self.chunks
            if name not in _PICTURE
        }
        return Document(
            pages=(page,),
            mime_type=WEBP,
            exif=metadata.exif,
            lossless=b"VP8L" in self.chunks,
            stripped=tuple(
                sorted(metadata.stripped | words | ({"trailing-data"} if self.trailing else set()))
            ),
        )

    def _body(self, name: bytes) -> bytes | None:
        start, end = self.chunks.get(name, (0, 0))
        return self.content[start:end] or None


def open_webp(content: bytes, limits: Limits) -> WebpFile:
    """Read a WebP's chunks.

    Raises:
        ImageUndecodable: truncated or damaged.
        ImageUnsupported: animated.
    """
    announced = int.from_bytes(content[4:8], "little") + 8
    if announced > len(content):
        raise ImageUndecodable(
            f"the WebP is truncated: it announces {announced:,} bytes and has {len(content):,}"
        )
    chunks, frames = _chunks(content, announced)
    if frames > 1:
        raise ImageUnsupported(f"this is an animated WebP; {ACCEPTED}, each without animation")
    return WebpFile(content[:announced], chunks, _size(content, chunks), len(content) > announced)


def _chunks(content: bytes, end: int) -> tuple[dict[bytes, tuple[int, int]], int]:
    """Return where the first chunk of each name lies, and how many animation frames there are."""
    found: dict[bytes, tuple[int, int]] = {}
    at, frames, count = 12, 0, 0
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", content, at)
        if at + 8 + length > end:
            raise ImageUndecodable(
                f"the WebP is damaged: its chunk {name!r} runs past the end of the file"
            )
        found.setdefault(name, (at + 8, at + 8 + length))
        frames += name == b"ANMF"
        count += 1
        if count > _MAX_CHUNKS:
            raise ImageUndecodable(f"the WebP has more than {_MAX_CHUNKS:,} chunks")
        at += 8 + length + length % 2
    return found, frames


def _size(content: bytes, chunks: dict[bytes, tuple[int, int]]) -> Size:
    for name, read in ((b"VP8X", _extended), (b"VP8L", _lossless), (b"VP8 ", _lossy)):
        if name in chunks:
            start, end = chunks[name]
            size = read(content[start : min(end, start + 10)])
            if size is None:
                raise ImageUndecodable(
                    f"the WebP is damaged: its chunk {name!r} has no valid header"
                )
            return size
    raise ImageUndecodable("the WebP has no picture in it")


def _extended(head: bytes) -> Size | None:
    if len(head) < 10:
        return None
    return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1


def _lossless(head: bytes) -> Size | None:
    if len(head) < 5 or head[0] != 0x2F:
        return None
    bits = int.from_bytes(head[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _lossy(head: bytes) -> Size | None:
    if len(head) < 10 or head[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = struct.unpack_from("<HH", head, 6)
    return width & 0x3FFF, height & 0x3FFF
