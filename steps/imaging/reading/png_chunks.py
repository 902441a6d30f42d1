"""Takes a PNG apart into its chunks without unpacking any of them (PNG specification, third edition)."""

import struct
import zlib
from dataclasses import dataclass, field

from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_MAX_CHUNKS = 200_000
"""Chunks of one file. Some encoders cut the pixels into pieces of 8 KB: 200 MB have 25,000."""

_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""First column and row, and steps, of the seven passes of an interlaced picture."""
_PIECE = 2**20


@dataclass
class Chunks:
    """A PNG's chunks: the first of each kind, where the pixels lie, and what else was seen."""

    first: dict[bytes, bytes] = field(default_factory=dict)
    """Name → contents of the first chunk of that name with a right checksum; pixels are left out."""
    pixels: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of every IDAT chunk in the file, with length, name and checksum."""
    end: int = 0
    """Where the file ends: behind IEND."""


def split(content: bytes) -> Chunks:
    """Walk through every chunk up to IEND. A wrong checksum is fatal in chunks that the picture needs.

    Raises:
        ImageUndecodable: a chunk is cut off, malformed, out of place or has a wrong checksum.
    """
    chunks, at, count = Chunks(), len(SIGNATURE), 0
    while True:
        if at + 12 > len(content):
            raise ImageUndecodable("the PNG is truncated: its end chunk (IEND) is missing")
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if not name.isalpha() or (not count and name != b"IHDR"):
            raise ImageUndecodable(f"the PNG is damaged: no chunk begins at byte {at:,}")
        if end > len(content):
            raise ImageUndecodable(f"the PNG is truncated: its chunk {name.decode()} is cut off")
        _keep(chunks, name, content, at, end)
        at, count = end, count + 1
        if name == b"IEND":
            chunks.end = end
            break
        if count > _MAX_CHUNKS:
            raise ImageUndecodable(f"the PNG has more than {_MAX_CHUNKS:,} chunks")
    if not chunks.pixels:
        raise ImageUndecodable("the PNG has no picture in it (its IDAT chunk is missing)")
    return chunks


def _keep(chunks: Chunks, name: bytes, content: bytes, start: int, end: int) -> None:
    if not name[0] & 0x20 and name not in _CRITICAL:
        raise ImageUnsupported(
            f"the PNG needs an extension that is not read (chunk {name.decode()})"
        )
    body = memoryview(content)[start + 8 : end - 4]
    right = zlib.crc32(body, zlib.crc32(name)) == int.from_bytes(content[end - 4 : end], "big")
    if not right and name in _CRITICAL:
        raise ImageUndecodable(
            f"the PNG is damaged: its chunk {name.decode()} has a wrong checksum"
        )
    if name == b"IDAT":
        if chunks.pixels and chunks.pixels[-1][1] != start:
            raise ImageUndecodable("the PNG is damaged: its IDAT chunks do not follow each other")
        chunks.pixels.append((start, end))
    elif name in chunks.first and name in (b"IHDR", b"PLTE"):
        raise ImageUndecodable(f"the PNG is damaged: it has two chunks {name.decode()}")
    elif right:
        chunks.first.setdefault(name, bytes(body))


def unpack(packed: bytes, limit: int) -> bytes:
    """Inflate a chunk's contents, at most `limit` bytes.

    Raises:
        ImageTooLarge: there are more.
        zlib.error: the contents are damaged.
    """
    inflater = zlib.decompressobj()
    plain = inflater.decompress(packed, limit + 1)
    if len(plain) > limit:
        raise ImageTooLarge(f"a compressed chunk of the PNG unpacks to more than {limit:,} bytes")
    return plain


def raw_size(size: tuple[int, int], bits: int, interlaced: bool) -> int:
    """Return the bytes of a picture's filtered rows before compression; `bits` are those of one pixel."""
    width, height = size
    passes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in _ADAM7]
    shapes = passes if interlaced else [size]
    return sum(
        (1 + (across * bits + 7) // 8) * down for across, down in shapes if across > 0 and down > 0
    )


def count_pixels(content: bytes, chunks: Chunks, limit: int) -> int:
    """Inflate the pixels without keeping them, up to `limit` bytes, and return how many there are.

    Raises:
        ImageUndecodable: they are damaged.
    """
    inflater, found = zlib.decompressobj(), 0
    try:
        for start, end in chunks.pixels:
            packed: bytes | memoryview = memoryview(content)[start + 8 : end - 4]
            piece = None
            while found < limit and (piece is None or len(piece) == _PIECE):
                piece = inflater.decompress(packed, _PIECE)
                packed, found = inflater.unconsumed_tail, found + len(piece)
    except zlib.error as error:
        raise ImageUndecodable(f"the PNG is damaged: {error}") from error
    return found


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk as it stands in a file: length, name, contents, checksum."""
    return (
        struct.pack(">I4s", len(body), name)
        + body
        + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))
    )
