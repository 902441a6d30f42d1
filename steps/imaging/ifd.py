"""Reads and writes TIFF directories (IFDs), the structure of TIFF files and of EXIF blocks alike.

Values are sliced only when asked for, so that a directory whose thousands of entries all point at
the same megabytes costs nothing. Nothing here warns, and nothing runs past the end of the content.
Sources: TIFF 6.0 (section 2), the BigTIFF design by AWare Systems.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, LONG8 = 1, 2, 3, 4, 5, 7, 16
_WIDTHS = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MAX_ENTRIES = 4096
"""Entries of one directory; real ones have under a hundred."""

_MAX_INTEGERS = 1_000_000
"""Numbers of one tag; 150 megapixels in the smallest tiles (16 × 16) have 600,000."""


class BrokenDirectory(ValueError):
    """A directory that cannot be read; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One tag: its type, count and raw value in the byte order of its file."""

    tag: int
    type: int
    count: int
    raw: bytes | memoryview


@dataclass(frozen=True)
class Directory:
    """One IFD of `content`: where its values lie, and where the next directory starts (0 = none)."""

    content: bytes
    order: str
    """"<" or ">", as in `struct`."""
    places: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    """Tag → (type, count, offset) of every value that lies within the content."""
    next: int = 0

    def entry(self, tag: int) -> Entry | None:
        """Return a tag with its raw value, or None where it is missing or out of bounds."""
        place = self.places.get(tag)
        if place is None:
            return None
        kind, count, at = place
        return Entry(tag, kind, count, memoryview(self.content)[at : at + count * _WIDTHS[kind]])

    def integers(self, tag: int) -> tuple[int, ...] | None:
        """Return a tag's whole numbers; None where it is missing, of another type, or absurdly long."""
        found = self.entry(tag)
        if found is None or found.type not in _CODES or found.count > _MAX_INTEGERS:
            return None
        return struct.unpack(f"{self.order}{found.count}{_CODES[found.type]}", found.raw)

    def integer(self, tag: int, default: int) -> int:
        """Return a tag's first whole number."""
        values = self.integers(tag)
        return values[0] if values else default

    def rational(self, tag: int) -> float | None:
        """Return a tag's first unsigned fraction as a number, or None."""
        found = self.entry(tag)
        if found is None or found.type != RATIONAL or not found.count:
            return None
        above, below = struct.unpack_from(f"{self.order}2I", found.raw)
        return above / below if below else None

    def blob(self, tag: int) -> bytes | None:
        """Return a tag's raw bytes, or None."""
        found = self.entry(tag)
        return bytes(found.raw) if found else None


def read_header(content: bytes) -> tuple[str, bool, int]:
    """Return (byte order, whether it is a BigTIFF, offset of the first directory).

    Raises:
        BrokenDirectory: this is no TIFF header.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(content[:2]))
    if order is None or len(content) < 8:
        raise BrokenDirectory("the TIFF header is missing")
    magic = struct.unpack_from(f"{order}H", content, 2)[0]
    if magic == 42:
        return order, False, struct.unpack_from(f"{order}I", content, 4)[0]
    if magic == 43 and len(content) >= 16 and struct.unpack_from(f"{order}H", content, 4)[0] == 8:
        return order, True, struct.unpack_from(f"{order}Q", content, 8)[0]
    raise BrokenDirectory("the TIFF header is damaged")


def read_directory(content: bytes, order: str, big: bool, offset: int) -> Directory:
    """Read the directory at an offset; entries whose value lies outside the content are left out.

    Raises:
        BrokenDirectory: the directory itself lies outside the content or is absurdly long.
    """
    head, entry, tail = ("Q", "HHQQ", "Q") if big else ("H", "HHII", "I")
    start = offset + struct.calcsize(f"={head}")
    if offset < 8 or start > len(content):
        raise BrokenDirectory(f"a directory at byte {offset:,} lies outside the file")
    count = struct.unpack_from(f"{order}{head}", content, offset)[0]
    if count > _MAX_ENTRIES:
        raise BrokenDirectory(f"a directory announces {count:,} entries")
    step = struct.calcsize(f"={entry}")
    end = start + count * step
    if end > len(content):
        raise BrokenDirectory("the file ends within a directory")
    places: dict[int, tuple[int, int, int]] = {}
    inline = 8 if big else 4
    for at in range(start, end, step):
        tag, kind, number, value = struct.unpack_from(f"{order}{entry}", content, at)
        size = number * _WIDTHS.get(kind, 0)
        where = at + step - inline if size <= inline else value
        if kind in _WIDTHS and tag not in places and where + size <= len(content):
            places[tag] = (kind, number, where)
    width = struct.calcsize(f"={tail}")
    # Some cameras end an EXIF block without the pointer to the next directory.
    following = (
        struct.unpack_from(f"{order}{tail}", content, end)[0] if end + width <= len(content) else 0
    )
    return Directory(content, order, places, following)


def write_directory(entries: Iterable[Entry], order: str, offset: int, following: int = 0) -> bytes:
    """Return a classic directory that will lie at `offset` (even), its values behind it.

    The values are written as they are, so they must be in the byte order `order`.
    """
    ordered = sorted(entries, key=lambda entry: entry.tag)
    behind = offset + 2 + 12 * len(ordered) + 4
    table, values = bytearray(struct.pack(f"{order}H", len(ordered))), bytearray()
    for entry in ordered:
        table += struct.pack(f"{order}HHI", entry.tag, entry.type, entry.count)
        if len(entry.raw) <= 4:
            table += bytes(entry.raw).ljust(4, b"\0")
        else:
            table += struct.pack(f"{order}I", behind + len(values))
            values += entry.raw
            values += b"\0" * (len(values) % 2)
    return bytes(table + struct.pack(f"{order}I", following) + values)


def integers_entry(tag: int, kind: int, values: Iterable[int], order: str) -> Entry:
    """Return a tag of whole numbers, e.g. of type `SHORT` or `LONG`."""
    numbers = tuple(values)
    return Entry(
        tag, kind, len(numbers), struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers)
    )
