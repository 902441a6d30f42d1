"""Takes the boxes of a HEIC or AVIF file apart (ISO/IEC 14496-12, 23008-12), as far as a picture's header needs."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from steps.errors import ImageUndecodable

_MAX_BOXES = 20_000
"""Boxes on one level; a 50-megapixel photo of a phone has about 200 tiles."""


@dataclass(frozen=True)
class Box:
    """One box: its type, and where its contents start and end in the file."""

    name: bytes
    start: int
    end: int


def boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two positions.

    Raises:
        ImageUndecodable: a box runs past its container.
    """
    at, count = start, 0
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", content, at)
        head = 8
        if size == 1 and at + 16 <= end:
            size, head = struct.unpack_from(">Q", content, at + 8)[0], 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise ImageUndecodable(
                f"the file is truncated or damaged: its box {name!r} runs past the end"
            )
        count += 1
        if count > _MAX_BOXES:
            raise ImageUndecodable(f"the file has more than {_MAX_BOXES:,} boxes")
        yield Box(name, at + head, at + size)
        at += size


def find(content: bytes, parent: Box, name: bytes, skip: int = 0) -> Box | None:
    """Return a box's first child of a name; `skip` bytes (version, flags) come before its children."""
    for box in boxes(content, parent.start + skip, parent.end):
        if box.name == name:
            return box
    return None


def spatial_extents(content: bytes, meta: Box) -> list[tuple[int, int]]:
    """Return (width, height) of every ``ispe`` property: all the pictures and tiles that the file declares."""
    properties = find(content, meta, b"iprp", skip=4)
    container = properties and find(content, properties, b"ipco")
    if not container:
        return []
    return [
        struct.unpack_from(">II", content, box.start + 4)
        for box in boxes(content, container.start, container.end)
        if box.name == b"ispe" and box.end - box.start >= 12
    ]


@dataclass(frozen=True)
class Item:
    """An entry of the ``iinf`` box: its number, its type, and where the type stands in the file."""

    number: int
    kind: bytes
    at: int


def items(content: bytes, meta: Box) -> Iterator[Item]:
    """Yield the items that the file declares (``infe`` of version 2 and 3, which name a type)."""
    table = find(content, meta, b"iinf", skip=4)
    if table is None or table.end - table.start < 8:
        return
    wide = content[table.start] > 0
    for box in boxes(content, table.start + (8 if wide else 6), table.end):
        version = content[box.start] if box.end - box.start >= 12 else 0
        if box.name == b"infe" and version in (2, 3):
            width = 2 if version == 2 else 4
            at = box.start + 4 + width + 2
            yield Item(
                int.from_bytes(content[box.start + 4 : box.start + 4 + width], "big"),
                content[at : at + 4],
                at,
            )


def item_content(content: bytes, meta: Box, number: int) -> bytes | None:
    """Return an item's bytes where the ``iloc`` box places them in the file as one piece; else None."""
    table = find(content, meta, b"iloc", skip=4)
    if table is None:
        return None
    try:
        return _located(content[table.start : table.end], content, number)
    except (struct.error, IndexError):
        return None


def _located(table: bytes, content: bytes, number: int) -> bytes | None:
    version = table[0]
    offset_size, length_size, base_size, index_size = (
        table[4] >> 4,
        table[4] & 15,
        table[5] >> 4,
        table[5] & 15,
    )
    wide = 4 if version == 2 else 2
    at = 6
    count, at = _number(table, at, wide)
    for _ in range(min(count, _MAX_BOXES)):
        item, at = _number(table, at, wide)
        method, at = _number(table, at, 2 if version in (1, 2) else 0)
        base, at = _number(table, at + 2, base_size)
        extents, at = _number(table, at, 2)
        if item == number:
            _, at = _number(table, at, index_size if version in (1, 2) else 0)
            offset, at = _number(table, at, offset_size)
            length, at = _number(table, at, length_size)
            found = content[base + offset : base + offset + length]
            return found if extents == 1 and method & 15 == 0 and len(found) == length else None
        at += extents * (offset_size + length_size + (index_size if version in (1, 2) else 0))
    return None


def _number(table: bytes, at: int, width: int) -> tuple[int, int]:
    """Read a big-endian number of `width` bytes (0 gives 0); return it and the position behind it."""
    if at + width > len(table):
        raise IndexError("the table ends early")
    return int.from_bytes(table[at : at + width], "big"), at + width
