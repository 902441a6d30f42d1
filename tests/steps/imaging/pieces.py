"""Pieces of files from which hostile ones are built."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from steps.errors import ImageError
from steps.imaging.reading.png_chunks import SIGNATURE, chunk
from tests.steps.imaging.pictures import rgb, saved


@dataclass(frozen=True)
class Hostile:
    """A file and the error that it must give."""

    name: str
    content: bytes
    error: type[ImageError]
    words: str


END = chunk(b"IEND", b"")


def png_of(*chunks: bytes) -> bytes:
    """Return a PNG of ready chunks."""
    return SIGNATURE + b"".join(chunks)


def ihdr(
    width: int, height: int, depth: int = 8, colour: int = 2, rest: bytes = b"\0\0\0"
) -> bytes:
    """Return a PNG's header chunk."""
    return chunk(b"IHDR", struct.pack(">IIBB", width, height, depth, colour) + rest)


def idat(rows: int, row_bytes: int) -> bytes:
    """Return a PNG's pixels, all zero."""
    return chunk(b"IDAT", zlib.compress(bytes(rows * (row_bytes + 1))))


def broken_crc(name: bytes, body: bytes) -> bytes:
    """Return a chunk with a wrong checksum."""
    good = chunk(name, body)
    return good[:-1] + bytes([good[-1] ^ 1])


def patched(content: bytes, at: int, new: bytes) -> bytes:
    """Return a file with bytes replaced."""
    return content[:at] + new + content[at + len(new) :]


def jpeg_sized(width: int, height: int) -> bytes:
    """Return a JPEG whose frame header claims another size."""
    content = saved(rgb(), "JPEG")
    at = content.index(b"\xff\xc0") + 5
    return patched(content, at, struct.pack(">HH", height, width))


def without_segment(content: bytes, marker: int) -> bytes:
    """Return a JPEG without the first segment of a marker."""
    at = content.index(bytes([0xFF, marker]))
    length = struct.unpack_from(">H", content, at + 2)[0]
    return content[:at] + content[at + 2 + length :]


def bmp(width: int, height: int, *, bits: int = 24, packing: int = 0, pixels: bytes = b"") -> bytes:
    """Return a BMP with any header."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packing, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


def webp_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a WebP."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def riff(*chunks: bytes) -> bytes:
    """Return a WebP of ready chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(name: bytes, body: bytes) -> bytes:
    """Return a box of an ISO media file."""
    return struct.pack(">I4s", len(body) + 8, name) + body


def frames(kind: str, **options: object) -> bytes:
    """Return an animation of two frames."""
    second = Image.fromarray(255 - np.asarray(rgb()))
    return saved(rgb(), kind, save_all=True, append_images=[second], **options)
