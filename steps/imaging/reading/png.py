"""PNG: chunks by our own eyes, pixels by Pillow.

16-bit colour is cut to its upper 8 bits (by Pillow), 16-bit grey is rounded. A transparent colour of a 16-bit colour
picture is therefore compared by its upper 8 bits.
"""

import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, PngImagePlugin

from steps.errors import ImageUndecodable, ImageUnsupported
from steps.imaging.colour import MAX_PROFILE_BYTES
from steps.imaging.document import Document
from steps.imaging.limits import Limits, Size
from steps.imaging.metadata import clean_exif, sane_dpi
from steps.imaging.raster import to_page, upright, upright_dpi
from steps.imaging.reading.failures import decoding
from steps.imaging.reading.png_chunks import (
    SIGNATURE,
    Chunks,
    chunk,
    count_pixels,
    raw_size,
    split,
    unpack,
)
from steps.imaging.samples import Depth
from steps.imaging.sniff import ACCEPTED, PNG

_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bits of a sample that each colour type may have: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha."""
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_WORDS = {b"tEXt": "text", b"zTXt": "text", b"iTXt": "text", b"tIME": "other-tags"}
_PICTURE = {b"IHDR", b"PLTE", b"IEND", b"tRNS", b"iCCP", b"pHYs", b"eXIf", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD",
            b"cICP", b"acTL", b"hIST"}  # fmt: skip


@dataclass(frozen=True)
class PngFile:
    """A PNG whose chunks have been read."""

    content: bytes
    chunks: Chunks
    size: Size
    depth: int
    """Bits of one sample."""
    colour: int
    """Colour type."""
    interlaced: bool

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One page."""
        return (self.size,)

    def decode(self) -> Document:
        """Decode the picture; see `Opened.decode`."""
        metadata = clean_exif(self.chunks.first.get(b"eXIf"))
        icc = self._icc()
        with decoding("PNG"):
            picture = PngImagePlugin.PngImageFile(io.BytesIO(self._essence()))
            picture.load()
        self._check_complete(picture)
        turned = upright(picture, metadata.orientation)
        del picture
        page = to_page(
            turned,
            icc=icc,
            dpi=upright_dpi(self._density() or metadata.dpi, metadata.orientation),
            depth=Depth(bits=self.depth),
            key=self._key(),
        )
        dropped = {
            _WORDS.get(name, "other-tags") for name in self.chunks.first if name not in _PICTURE
        }
        if len(self.content) > self.chunks.end:
            dropped.add("trailing-data")
        return Document(
            pages=(page,),
            mime_type=PNG,
            exif=metadata.exif,
            lossless=True,
            stripped=tuple(sorted(metadata.stripped | dropped)),
        )

    def _essence(self) -> bytes:
        """Return the file with only the chunks that the pixels depend on."""
        first = self.chunks.first
        head = [chunk(b"IHDR", first[b"IHDR"])]
        if b"PLTE" in first:
            head.append(chunk(b"PLTE", first[b"PLTE"]))
        if self.colour == 3 and b"tRNS" in first:
            head.append(chunk(b"tRNS", first[b"tRNS"][:256]))
        pixels = self.content[self.chunks.pixels[0][0] : self.chunks.pixels[-1][1]]
        return b"".join([SIGNATURE, *head, pixels, chunk(b"IEND", b"")])

    def _check_complete(self, picture: Image.Image) -> None:
        """Refuse a picture whose compressed pixels end early, which Pillow leaves black without a word.

        Counting the pixels takes as long as decoding them, so it is done only where the last row is black.
        """
        width, height = self.size
        if not self.interlaced and np.asarray(picture.crop((0, height - 1, width, height))).any():
            return
        needed = raw_size(self.size, self.depth * _CHANNELS[self.colour], self.interlaced)
        found = count_pixels(self.content, self.chunks, needed)
        if found < needed:
            raise ImageUndecodable(
                f"the PNG is truncated: its pixels hold {found:,} of {needed:,} bytes"
            )

    def _key(self) -> tuple[int, ...] | None:
        """Return the transparent colour of a picture without alpha, in the units of Pillow's mode."""
        body = self.chunks.first.get(b"tRNS")
        count = {0: 1, 2: 3}.get(self.colour)
        if body is None or count is None or len(body) < 2 * count:
            return None
        key: tuple[int, ...] = struct.unpack_from(f">{count}H", body)
        if self.depth == 16:
            return key if self.colour == 0 else tuple(part >> 8 for part in key)
        top = 2**self.depth - 1
        return tuple((part & top) * 255 // top for part in key)

    def _icc(self) -> bytes | None:
        name, _, packed = self.chunks.first.get(b"iCCP", b"").partition(b"\0")
        if not name or packed[:1] != b"\0":
            return None
        try:
            return unpack(packed[1:], MAX_PROFILE_BYTES)
        except zlib.error:
            return None

    def _density(self) -> tuple[float, float] | None:
        body = self.chunks.first.get(b"pHYs", b"")
        if len(body) != 9 or body[8] != 1:
            return None
        across, down = struct.unpack_from(">II", body)
        return sane_dpi(round(across * 0.0254, 2), round(down * 0.0254, 2))


def open_png(content: bytes, limits: Limits) -> PngFile:
    """Read a PNG's chunks.

    Raises:
        ImageUndecodable: truncated or damaged.
        ImageUnsupported: animated.
    """
    chunks = split(content)
    header = chunks.first[b"IHDR"]
    if len(header) != 13:
        raise ImageUndecodable("the PNG is damaged: its header chunk has a wrong length")
    width, height, depth, colour, packing, filters, interlace = struct.unpack(">IIBBBBB", header)
    if depth not in _DEPTHS.get(colour, ()) or packing or filters or interlace > 1:
        raise ImageUndecodable(
            f"the PNG is damaged: colour type {colour}, {depth} bits, compression {packing}, filter {filters},"
            f" interlace {interlace} is no combination that the format knows"
        )
    _check_palette(chunks, colour)
    animation = chunks.first.get(b"acTL", b"")
    if len(animation) == 8 and struct.unpack_from(">I", animation)[0] > 1:
        raise ImageUnsupported(f"this is an animated PNG; {ACCEPTED}, each without animation")
    return PngFile(content, chunks, (width, height), depth, colour, bool(interlace))


def _check_palette(chunks: Chunks, colour: int) -> None:
    palette = chunks.first.get(b"PLTE")
    if palette is None and colour == 3:
        raise ImageUndecodable("the PNG is damaged: its palette (PLTE) is missing")
    if palette is not None and (
        len(palette) % 3 or not 3 <= len(palette) <= 768 or colour in (0, 4)
    ):
        raise ImageUndecodable(
            "the PNG is damaged: its palette (PLTE) is out of place or has a wrong length"
        )
