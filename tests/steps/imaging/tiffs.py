"""Builds TIFFs tag by tag: kinds that Pillow does not write, and broken ones."""

import struct
from collections.abc import Sequence

from steps.imaging.ifd import LONG, SHORT, Entry, integers_entry, write_directory

Tags = dict[int, Sequence[int]]


def page_tags(width: int, height: int, bits: int, samples: int = 1, **more: int) -> Tags:
    """Return the tags of an uncompressed page in one strip; `more` names tags by number, e.g. t262=0."""
    tags: Tags = {
        256: (width,), 257: (height,), 258: (bits,) * samples, 259: (1,), 262: (2 if samples == 3 else 1,),
        277: (samples,), 278: (height,), 284: (1,),
    }  # fmt: skip
    tags.update({int(name.removeprefix("t")): (value,) for name, value in more.items()})
    return tags


def entries(tags: Tags, order: str = "<") -> list[Entry]:
    """Return tags of whole numbers as directory entries, SHORT where the numbers fit."""
    return [
        integers_entry(
            tag, SHORT if max(values) < 2**16 and tag not in (273, 279) else LONG, values, order
        )
        for tag, values in tags.items()
    ]


def tiff(
    pixels: bytes, tags: Tags, *, order: str = "<", following: int = 0, more: Sequence[Entry] = ()
) -> bytes:
    """Return a TIFF of one page: header, pixels, directory. Offsets and counts are added unless they are given."""
    directory_at = 8 + len(pixels) + len(pixels) % 2
    tags = {273: (8,), 279: (len(pixels),)} | tags
    header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", directory_at)
    directory = write_directory([*entries(tags, order), *more], order, directory_at, following)
    return (header + pixels).ljust(directory_at, b"\0") + directory
