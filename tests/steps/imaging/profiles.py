"""Colour profiles built by code."""

import struct

import numpy as np


def cmyk_profile() -> bytes:
    """Return a press profile (ICC v2, lut8) of an ink set in which "cyan" prints red and the other inks nothing.

    So a picture converted through it looks quite unlike one converted by plain arithmetic.
    """
    white, red = (255, 128, 128), (138, 209, 195)  # Lab as bytes: L 54, a 81, b 67
    corners = [red if corner & 8 else white for corner in range(16)]
    table = bytes(range(256))
    lut = (
        b"mft1\0\0\0\0" + struct.pack(">BBBB", 4, 3, 2, 0)
        + struct.pack(">9i", *(65536 if n % 4 == 0 else 0 for n in range(9)))
        + table * 4 + bytes(np.array(corners, np.uint8).tobytes()) + table * 3
    )  # fmt: skip
    text = b"text\0\0\0\0test\0\0\0\0"
    place = 128 + 4 + 12 * 2
    tags = struct.pack(
        ">I4sII4sII",
        2,
        b"A2B0",
        place,
        len(lut),
        b"cprt",
        place + len(lut) + len(lut) % 2,
        len(text),
    )
    body = tags + lut + b"\0" * (len(lut) % 2) + text
    header = struct.pack(
        ">I4sI4s4s4s", 128 + len(body), b"\0\0\0\0", 0x02400000, b"prtr", b"CMYK", b"Lab "
    )
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + body


def grey_profile() -> bytes:
    """Return a profile of one channel with a gamma of 2.2."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    white = b"XYZ \0\0\0\0" + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    place = 128 + 4 + 24
    tags = struct.pack(
        ">I4sII4sII", 2, b"kTRC", place, len(curve), b"wtpt", place + len(curve), len(white)
    )
    body = tags + curve + white
    header = struct.pack(
        ">I4sI4s4s4s", 128 + len(body), b"\0\0\0\0", 0x02400000, b"mntr", b"GRAY", b"XYZ "
    )
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + body
