"""JPEG: header by our own eyes, pixels by libjpeg-turbo through Pillow.

Baseline, extended and progressive files of 8 bits are read, grey, YCbCr, RGB and CMYK (inverted, as Adobe writes it;
everybody does). A file that ends early is refused. A scan that is damaged inside but closed by an end marker
cannot be told from a good one: libjpeg fills the gap with grey.
"""

import io
import struct
from dataclasses import dataclass, replace

from PIL import JpegImagePlugin

from steps.errors import ImageUndecodable, ImageUnsupported
from steps.imaging.document import Document, JpegSettings
from steps.imaging.limits import Limits, Size
from steps.imaging.metadata import Metadata, clean_exif, sane_dpi
from steps.imaging.raster import to_page, upright, upright_dpi
from steps.imaging.reading.failures import decoding
from steps.imaging.reading.jpeg_segments import COM, FRAMES, SOS, Segment, Segments, split
from steps.imaging.sniff import ACCEPTED, JPEG

_FRAMES_READ = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
_ICC, _EXIF, _JFIF, _ADOBE = b"ICC_PROFILE\0", b"Exif\0\0", b"JFIF\0", b"Adobe"
_XMP = (b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0")


@dataclass(frozen=True)
class Frame:
    """The start-of-frame segment: what the picture is."""

    size: Size
    progressive: bool
    components: tuple[tuple[int, int, int], ...]
    """(horizontal sampling, vertical sampling, quantization table) of each component."""


@dataclass(frozen=True)
class JpegFile:
    """A JPEG whose segments have been read."""

    content: bytes
    segments: Segments
    frame: Frame

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One page; further pictures behind the first (MPO, previews) are not read."""
        return (self.frame.size,)

    def decode(self) -> Document:
        """Decode the picture; see `Opened.decode`."""
        metadata = clean_exif(self._exif())
        with decoding("JPEG"):
            picture = JpegImagePlugin.JpegImageFile(io.BytesIO(self._essence()))
            picture.load()
            tables = picture.quantization
        turned = upright(picture, metadata.orientation)
        del picture
        page = to_page(
            turned,
            icc=self._icc(),
            dpi=upright_dpi(self._density() or metadata.dpi, metadata.orientation),
        )
        return Document(
            pages=(page,),
            mime_type=JPEG,
            exif=metadata.exif,
            jpeg=self._settings(tables, metadata),
            stripped=tuple(sorted(metadata.stripped | self._dropped(metadata))),
        )

    def _settings(self, tables: dict[int, list[int]], metadata: Metadata) -> JpegSettings | None:
        settings = _settings(self.frame, tables)
        plain = metadata.orientation == 1 and len(self.frame.components) in (1, 3)
        return replace(settings, coded=self._essence()) if settings and plain else settings

    def _essence(self) -> bytes:
        """Return the file with only the segments that the pixels depend on."""
        kept = [b"\xff\xd8"]
        for index, segment in enumerate(self.segments.found):
            following = self.segments.found[index + 1 : index + 2]
            if _essential(segment):
                # A scan's entropy-coded bytes lie between its segment and the next.
                end = following[0].start if segment.marker == SOS and following else segment.end
                kept.append(self.content[segment.start : end])
        return b"".join(kept)

    def _exif(self) -> bytes | None:
        blocks = self.segments.bodies(0xE1, _EXIF)
        return blocks[0] if blocks else None

    def _icc(self) -> bytes | None:
        """Join the profile's pieces by their numbers (ICC.1:2022, B.4); None where one is missing."""
        pieces = sorted(body for body in self.segments.bodies(0xE2, _ICC) if len(body) > 2)
        if not pieces or [piece[0] for piece in pieces] != list(range(1, pieces[0][1] + 1)):
            return None
        return b"".join(piece[2:] for piece in pieces)

    def _density(self) -> tuple[float, float] | None:
        for body in self.segments.bodies(0xE0, _JFIF):
            if len(body) >= 7 and body[2] in (1, 2):
                unit = 1.0 if body[2] == 1 else 2.54
                across, down = struct.unpack_from(">HH", body, 3)
                return sane_dpi(across * unit, down * unit)
        return None

    def _dropped(self, metadata: Metadata) -> set[str]:
        dropped = {word for segment in self.segments.found if (word := _word(segment))}
        if len(self.content) > self.segments.end:
            dropped.add("trailing-data")
        return dropped


def open_jpeg(content: bytes, limits: Limits) -> JpegFile:
    """Read a JPEG's segments.

    Raises:
        ImageUndecodable: truncated or damaged.
        ImageUnsupported: a kind of JPEG that is not read (12 bits, lossless, hierarchical).
    """
    segments = split(content)
    frames = [segment for segment in segments.found if segment.marker in FRAMES]
    if len(frames) != 1:
        raise ImageUndecodable(
            f"the JPEG is damaged: it has {len(frames)} frame headers instead of one"
        )
    return JpegFile(content, segments, _frame(frames[0]))


def _frame(segment: Segment) -> Frame:
    if segment.marker not in _FRAMES_READ:
        raise ImageUnsupported(
            f"this is a lossless or hierarchical JPEG (SOF{segment.marker - 0xC0}); {ACCEPTED}"
        )
    body = segment.body
    if len(body) < 6 or len(body) != 6 + 3 * body[5]:
        raise ImageUndecodable("the JPEG is damaged: its frame header has a wrong length")
    bits, height, width, count = struct.unpack_from(">BHHB", body)
    if bits != 8 or count not in (1, 3, 4):
        raise ImageUnsupported(
            f"this is a JPEG of {count} components of {bits} bits; 1, 3 or 4 of 8 are read"
        )
    components = tuple(
        (body[at] >> 4, body[at] & 15, body[at + 1]) for at in range(7, len(body), 3)
    )
    if not all(1 <= across <= 4 and 1 <= down <= 4 for across, down, _ in components):
        raise ImageUndecodable("the JPEG is damaged: a component has an impossible sampling factor")
    return Frame((width, height), segment.marker in (0xC2, 0xCA), components)


def _settings(frame: Frame, tables: dict[int, list[int]]) -> JpegSettings | None:
    """Return how to write the picture not worse: each plane's table, the chroma planes' finer one.

    None where the tables cannot be written again as they are.
    """
    used = [tables.get(table) for _, _, table in frame.components]
    luma = used[0]
    if luma is None or any(table is None for table in used):
        return None
    chroma = [table for table in used[1:3] if table is not None] or [luma]
    finest = [min(column) for column in zip(*chroma, strict=True)]
    if len(frame.components) == 4:
        # The planes of CMYK have no counterpart in YCbCr; the finest of all serves every plane.
        luma = finest = [min(column) for column in zip(*(t for t in used if t), strict=True)]
    return JpegSettings(
        quantization={0: luma, 1: finest},
        subsampling=_subsampling(frame),
        progressive=frame.progressive,
    )


def _subsampling(frame: Frame) -> str:
    names: dict[tuple[float, float], str] = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}
    if len(frame.components) != 3:
        return "4:4:4"
    luma, *chroma = frame.components
    ratios = {(luma[0] / across, luma[1] / down) for across, down, _ in chroma}
    return names.get(ratios.pop(), "4:4:4") if len(ratios) == 1 else "4:4:4"


def _essential(segment: Segment) -> bool:
    if segment.marker == COM or 0xE0 <= segment.marker <= 0xEF:
        # JFIF says that the colours are YCbCr, as they are without it too; its thumbnail must not travel.
        colour = (
            segment.marker == 0xE0 and segment.body.startswith(_JFIF) and len(segment.body) <= 14
        )
        return colour or (segment.marker == 0xEE and segment.body.startswith(_ADOBE))
    return True


def _word(segment: Segment) -> str | None:
    """Return the word for a segment that is dropped; None for those that are kept or read."""
    marker, body = segment.marker, segment.body
    if marker == COM:
        return "comments"
    if marker == 0xE0 and (body.startswith(b"JFXX\0") or (body[:5] == _JFIF and any(body[14:]))):
        return "thumbnail"
    if not 0xE0 <= marker <= 0xEF or _essential(segment):
        return None
    if marker == 0xE1:
        return None if body.startswith(_EXIF) else "xmp" if body.startswith(_XMP) else "other-tags"
    if marker == 0xE2:
        return (
            None
            if body.startswith(_ICC)
            else "embedded-pictures"
            if body.startswith(b"MPF\0")
            else "other-tags"
        )
    if marker == 0xED:
        return "iptc"
    return "other-tags"
