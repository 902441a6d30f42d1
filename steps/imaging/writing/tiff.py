"""Writes TIFF: deflate with horizontal prediction, each page with its own channels, profile and resolution.

Written by our own hands because Pillow writes one profile for all pages, and no prediction.
Source: TIFF 6.0 and its Technical Note 2 (compression 8, predictor 2).
"""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steps.errors import ImageTooLarge
from steps.imaging.document import Page
from steps.imaging.ifd import (
    LONG,
    RATIONAL,
    SHORT,
    UNDEFINED,
    BrokenDirectory,
    Directory,
    Entry,
    integers_entry,
    read_directory,
    read_header,
    write_directory,
)
from steps.imaging.metadata import EXIF_IFD
from steps.imaging.writing.channels import channels, fitting_profile

_STRIP_BYTES = 2**18
"""Bytes of one strip before compression."""
_LEVEL = 1
_RESOLUTION_STEPS = 1000
"""Resolutions are written as thousandths of a dot per inch."""
_MAX_FILE = 2**32 - 2**20
"""A classic TIFF counts its bytes with 32 bits."""


def write_tiff(pages: Sequence[Page], exif: bytes | None) -> bytes:
    """Return the pages as one TIFF; the EXIF block (without the prefix "Exif") goes into the first page.

    Raises:
        ImageTooLarge: the file would have more than 4 GB.
    """
    root, details, order = _metadata(exif)
    file = bytearray((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    pointer = 4
    for number, page in enumerate(pages):
        entries = [*_write_pixels(file, page, order), *(root if number == 0 else [])]
        if number == 0 and details:
            entries.append(integers_entry(EXIF_IFD, LONG, (len(file),), order))
            file += write_directory(details, order, len(file))
        struct.pack_into(f"{order}I", file, pointer, len(file))
        pointer = len(file) + 2 + 12 * len(entries)
        file += write_directory(entries, order, len(file))
        if len(file) > _MAX_FILE:
            raise ImageTooLarge("the result is too large for a TIFF, which holds at most 4 GB")
    return bytes(file)


def _write_pixels(file: bytearray, page: Page, order: str) -> list[Entry]:
    """Append a page's strips to the file and return the tags that describe them."""
    samples = channels(page)
    height, width, count = samples.shape
    rows = max(1, _STRIP_BYTES // (width * count))
    starts, counts = [], []
    for top in range(0, height, rows):
        strip = zlib.compress(_predicted(samples[top : top + rows]), _LEVEL)
        starts.append(len(file))
        counts.append(len(strip))
        file += strip + b"\0" * (len(strip) % 2)
    numbers = {
        256: (LONG, (width,)), 257: (LONG, (height,)), 258: (SHORT, (8,) * count), 259: (SHORT, (8,)),
        262: (SHORT, (2 if count >= 3 else 1,)), 273: (LONG, starts), 277: (SHORT, (count,)), 278: (LONG, (rows,)),
        279: (LONG, counts), 284: (SHORT, (1,)), 317: (SHORT, (2,)),
    }  # fmt: skip
    entries = [integers_entry(tag, kind, values, order) for tag, (kind, values) in numbers.items()]
    if count in (2, 4):
        entries.append(integers_entry(338, SHORT, (2,), order))
    icc = fitting_profile(page, samples)
    if icc:
        entries.append(Entry(34675, UNDEFINED, len(icc), icc))
    return entries + _resolution(page, order)


def _predicted(strip: NDArray[np.uint8]) -> bytes:
    """Return a strip with each sample as its difference to the one on its left."""
    differences = strip.copy()
    np.subtract(strip[:, 1:], strip[:, :-1], out=differences[:, 1:])
    return differences.tobytes()


def _resolution(page: Page, order: str) -> list[Entry]:
    if not page.dpi:
        return []
    across, down = (
        struct.pack(f"{order}2I", round(number * _RESOLUTION_STEPS), _RESOLUTION_STEPS)
        for number in page.dpi
    )
    unit = integers_entry(296, SHORT, (2,), order)
    return [Entry(282, RATIONAL, 1, across), Entry(283, RATIONAL, 1, down), unit]


def _metadata(exif: bytes | None) -> tuple[list[Entry], list[Entry], str]:
    """Return a clean EXIF block's root tags, its detail tags, and its byte order, which the file takes over."""
    if not exif:
        return [], [], "<"
    try:
        order, big, offset = read_header(exif)
        root = read_directory(exif, order, big, offset)
        pointer = root.integer(EXIF_IFD, 0)
        details = read_directory(exif, order, big, pointer) if pointer else None
    except BrokenDirectory:
        return [], [], "<"
    return _entries(root), _entries(details), order


def _entries(directory: Directory | None) -> list[Entry]:
    if directory is None:
        return []
    found = (directory.entry(tag) for tag in directory.places if tag != EXIF_IFD)
    return [entry for entry in found if entry]
