"""BMP: header by our own eyes, pixels by Pillow."""

import io
import struct
from dataclasses import dataclass

from PIL import BmpImagePlugin

from steps.errors import ImageUndecodable, ImageUnsupported
from steps.imaging.document import Document
from steps.imaging.limits import Limits, Size
from steps.imaging.metadata import sane_dpi
from steps.imaging.raster import to_page
from steps.imaging.reading.failures import decoding
from steps.imaging.sniff import BMP

_BITS = (1, 4, 8, 16, 24, 32)
_RAW, _RLE8, _RLE4, _BITFIELDS = 0, 1, 2, 3


@dataclass(frozen=True)
class BmpFile:
    """A BMP whose header has been read."""

    content: bytes
    size: Size
    dpi: tuple[float, float] | None

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One page."""
        return (self.size,)

    def decode(self) -> Document:
        """Decode the picture; see `Opened.decode`."""
        with decoding("BMP"):
            picture = BmpImagePlugin.BmpImageFile(io.BytesIO(self.content))
            picture.load()
        return Document(pages=(to_page(picture, dpi=self.dpi),), mime_type=BMP, lossless=True)


def open_bmp(content: bytes, limits: Limits) -> BmpFile:
    """Read a BMP's header (BITMAPCOREHEADER, BITMAPINFOHEADER and its successors).

    Raises:
        ImageUndecodable: truncated or damaged.
        ImageUnsupported: a compression that is not read.
    """
    kind = int.from_bytes(content[14:18], "little")
    if len(content) < 14 + kind or kind < 12:
        raise ImageUndecodable("the BMP is truncated: it ends within its header")
    if kind == 16:
        raise ImageUnsupported(
            "a BMP with the short header of OS/2 2.x (16 bytes) is not supported"
        )
    offset = int.from_bytes(content[10:14], "little")
    dpi = None
    if kind < 40:
        width, height, _, bits = struct.unpack_from("<HHHH", content, 18)
        packing = _RAW
    else:
        width, height, _, bits, packing = struct.unpack_from("<iiHHI", content, 18)
        across, down = struct.unpack_from("<ii", content, 38)
        dpi = sane_dpi(round(across * 0.0254, 2), round(down * 0.0254, 2))
    height = abs(height)
    if width < 1 or height < 1:
        raise ImageUndecodable(f"the BMP is damaged: its header says {width:,} × {height:,} pixels")
    if packing not in (_RAW, _RLE8, _RLE4, _BITFIELDS) or bits not in _BITS:
        raise ImageUnsupported(f"a BMP of {bits} bits with compression {packing} is not supported")
    if packing in (_RAW, _BITFIELDS):
        _check_length(len(content), offset, width, height, bits)
    return BmpFile(content, (width, height), dpi)


def _check_length(length: int, offset: int, width: int, height: int, bits: int) -> None:
    needed = offset + (width * bits + 31) // 32 * 4 * height
    if needed > length:
        raise ImageUndecodable(
            f"the BMP is truncated: its {width:,} × {height:,} pixels need {needed:,} bytes,"
            f" it has {length:,}"
        )
