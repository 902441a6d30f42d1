"""One page of a TIFF: what its directory says about the pixels, checked, and the page as a file of its own."""

import struct
from dataclasses import dataclass
from itertools import accumulate

from steps.errors import ImageUnsupported
from steps.imaging.ifd import (
    LONG,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Directory,
    Entry,
    integers_entry,
    write_directory,
)
from steps.imaging.limits import Limits, Size
from steps.imaging.reading.tiff_layout import (
    BITS,
    MAX_SAMPLES,
    PLANAR,
    ROWS_PER_STRIP,
    SAMPLES,
    STRIP_COUNTS,
    STRIP_OFFSETS,
    TILE_COUNTS,
    TILE_LENGTH,
    TILE_OFFSETS,
    TILE_WIDTH,
    Layout,
    layout_of,
    pieces_of,
)

WIDTH, LENGTH, COMPRESSION, PHOTOMETRIC = 256, 257, 259, 262
SAMPLE_FORMAT, SUBSAMPLING, ICC = 339, 530, 34675

_NUMBERS = {
    BITS: MAX_SAMPLES, COMPRESSION: 1, PHOTOMETRIC: 1, 266: 1, SAMPLES: 1, PLANAR: 1, 292: 1, 293: 1, 317: 1,
    320: 3 * 2**16, 332: 1, 338: MAX_SAMPLES, SAMPLE_FORMAT: MAX_SAMPLES, SUBSAMPLING: 2, 531: 1,
}  # fmt: skip
"""Tags of whole numbers that the decoder needs, and how many of them each may have."""
_RAW = {(347, UNDEFINED, None), (529, RATIONAL, 3), (532, RATIONAL, 6)}
"""Tags passed on as they are, with type and count: JPEG tables, YCbCr coefficients, reference black and white."""
_COMPRESSIONS = {
    1: "none", 2: "CCITT", 3: "fax G3", 4: "fax G4", 5: "LZW", 7: "JPEG", 8: "deflate", 32773: "PackBits",
    32946: "deflate", 34925: "LZMA", 50000: "Zstandard",
}  # fmt: skip
_LOSSY = {7}


@dataclass(frozen=True)
class TiffPage:
    """A page's directory, read and checked."""

    directory: Directory
    size: Size
    bits: int
    """Bits of one sample."""
    sample_format: int
    """1 unsigned, 2 signed, 3 floating point."""
    photometric: int
    """0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr, 8 LAB."""
    compression: int
    layout: Layout
    pieces: tuple[tuple[int, int], ...]
    """(offset, bytes) of every strip or tile."""

    @property
    def icc(self) -> bytes | None:
        """The embedded colour profile."""
        return self.directory.blob(ICC)

    @property
    def lossless(self) -> bool:
        """Whether the pixels were stored without loss."""
        return self.compression not in _LOSSY

    @property
    def inverted(self) -> bool:
        """Whether 0 is white in samples of more than 8 bits, which the decoder leaves as they are."""
        return self.photometric == 0 and self.bits > 8

    @property
    def description(self) -> str:
        """What kind of page this is, for a message."""
        numbers = {1: "unsigned", 2: "signed", 3: "floating-point"}.get(
            self.sample_format, "unknown"
        )
        return (
            f"a TIFF of {self.directory.integer(SAMPLES, 1)} {numbers} samples of {self.bits} bits"
            f" (photometric interpretation {self.photometric}, {_COMPRESSIONS[self.compression]} compression)"
        )

    def as_file(self) -> bytes:
        """Return a classic TIFF of this page alone: its pixel tags, its strips or tiles one after the other."""
        order = self.directory.order
        counts = [count for _, count in self.pieces]
        *starts, end = accumulate(counts, initial=8)
        end += end % 2
        offsets_tag, counts_tag = (
            (TILE_OFFSETS, TILE_COUNTS) if self.layout.tiled else (STRIP_OFFSETS, STRIP_COUNTS)
        )
        entries = [
            *self._pixel_tags(),
            integers_entry(offsets_tag, LONG, starts, order),
            integers_entry(counts_tag, LONG, counts, order),
        ]
        content = self.directory.content
        header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", end)
        body = b"".join([header, *(content[at : at + count] for at, count in self.pieces)])
        return body.ljust(end, b"\0") + write_directory(entries, order, end)

    def _pixel_tags(self) -> list[Entry]:
        source, order = self.directory, self.directory.order
        if self.layout.tiled:
            shape = {TILE_WIDTH: self.layout.across, TILE_LENGTH: self.layout.rows}
        else:
            shape = {ROWS_PER_STRIP: self.layout.rows}
        shape |= {WIDTH: self.size[0], LENGTH: self.size[1]}
        entries = [integers_entry(tag, LONG, (number,), order) for tag, number in shape.items()]
        for tag, most in _NUMBERS.items():
            values = (source.integers(tag) or ())[:most]
            if tag == PHOTOMETRIC and self.inverted:
                values = (1,)
            if values and all(0 <= value < 2**16 for value in values):
                entries.append(integers_entry(tag, SHORT, values, order))
        for tag, kind, count in _RAW:
            entry = source.entry(tag)
            if entry and entry.type == kind and count in (None, entry.count):
                entries.append(entry)
        return entries


def open_page(directory: Directory, limits: Limits) -> TiffPage:
    """Check what a directory says about its pixels, against the limits and against the file.

    Raises:
        ImageUndecodable: damaged or truncated.
        ImageUnsupported: a compression that is not read.
        ImageTooLarge: over a limit on pixels.
    """
    size = directory.integer(WIDTH, 0), directory.integer(LENGTH, 0)
    limits.check_size(*size)
    compression = directory.integer(COMPRESSION, 1)
    if compression not in _COMPRESSIONS:
        raise ImageUnsupported(
            f"the TIFF's compression {compression} is not supported; {', '.join(_COMPRESSIONS.values())} are"
        )
    photometric = directory.integer(PHOTOMETRIC, 0)
    if (
        photometric == 6
        and compression != 7
        and (directory.integers(SUBSAMPLING) or (2, 2)) != (1, 1)
    ):
        raise ImageUnsupported("a TIFF of subsampled YCbCr is supported with JPEG compression only")
    layout = layout_of(directory, size, limits)
    return TiffPage(
        directory=directory,
        size=size,
        bits=directory.integer(BITS, 1),
        sample_format=directory.integer(SAMPLE_FORMAT, 1),
        photometric=photometric,
        compression=compression,
        layout=layout,
        pieces=pieces_of(directory, layout, size, raw=compression == 1),
    )
