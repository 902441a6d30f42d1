"""Writes a JPEG whose pixels are already coded: the source's own scans, with cleaned metadata."""

import struct

_APP1, _APP2 = 0xE1, 0xE2
_MOST = 65_533
"""Bytes that one segment holds: its length field of 16 bits counts itself."""
_ICC = b"ICC_PROFILE\0"


def copy_jpeg(coded: bytes, exif: bytes | None, icc: bytes | None) -> bytes:
    """Return a JPEG with metadata put where readers look for it: behind the JFIF segment, if there is one.

    Args:
        coded: a JPEG without metadata.
        exif: TIFF structure without the prefix "Exif"; one that no segment can hold is left out.
        icc: colour profile.
    """
    at = 2
    if coded[2:4] == b"\xff\xe0":
        at = 4 + int(struct.unpack_from(">H", coded, 4)[0])
    added = []
    if exif is not None and len(exif) + 6 <= _MOST:
        added.append(_segment(_APP1, b"Exif\0\0" + exif))
    added.extend(_icc_segments(icc or b""))
    return b"".join((coded[:at], *added, coded[at:]))


def _icc_segments(icc: bytes) -> list[bytes]:
    """Cut a profile into numbered pieces (ICC.1:2022, B.4)."""
    size = _MOST - len(_ICC) - 2
    pieces = [icc[start : start + size] for start in range(0, len(icc), size)]
    count = len(pieces)
    return [
        _segment(_APP2, _ICC + bytes((number, count)) + piece)
        for number, piece in enumerate(pieces, start=1)
    ]


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
