"""Hostile TIFFs."""

import struct
from collections.abc import Iterator

from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported
from tests.steps.imaging.pictures import valid_files
from tests.steps.imaging.pieces import (
    Hostile,
    patched,
)
from tests.steps.imaging.tiffs import page_tags, tiff


def tiffs() -> Iterator[Hostile]:
    """TIFFs."""
    good = tiff(bytes(61 * 43), page_tags(61, 43, 8))
    directory = struct.unpack_from("<I", good, 4)[0]
    yield Hostile("tiff-header-only", good[:8], ImageUndecodable, "lies outside the file")
    yield Hostile("tiff-cut", good[: directory + 20], ImageUndecodable, "ends within a directory")
    yield Hostile("tiff-no-page", b"II*\0\0\0\0\0", ImageUndecodable, "no picture in it")
    loop = tiff(bytes(61 * 43), page_tags(61, 43, 8), following=directory)
    yield Hostile("tiff-loop", loop, ImageUndecodable, "in a circle")
    first = tiff(bytes(61 * 43), page_tags(61, 43, 8), following=len(good))
    second = tiff(b"", page_tags(61, 43, 8) | {273: (8,), 279: (61 * 43,)}, following=directory)[8:]
    yield Hostile("tiff-loop-of-two", first + second, ImageUndecodable, "in a circle")
    chain = b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HI", 0, 8 + 6 * n) for n in range(1, 5000))
    yield Hostile("tiff-page-bomb", chain, ImageTooLarge, "more than 500 pages")
    many = patched(good, directory, b"\xff\xff")
    yield Hostile("tiff-65535-entries", many, ImageUndecodable, "announces 65,535 entries")
    large = tiff(bytes(100), page_tags(65535, 65535, 8))
    yield Hostile("tiff-65535", large, ImageTooLarge, "65,535 × 65,535")
    flat = tiff(bytes(100), page_tags(61, 0, 8))
    yield Hostile("tiff-zero-height", flat, ImageUndecodable, "61 × 0 pixels")
    past = tiff(bytes(61 * 43), page_tags(61, 43, 8, t259=5) | {279: (1_000_000,)})
    yield Hostile("tiff-strip-past-end", past, ImageUndecodable, "lies past the end of the file")
    far = tiff(bytes(61 * 43), page_tags(61, 43, 8) | {273: (0xFFFFFFF0,)})
    yield Hostile("tiff-strip-far-away", far, ImageUndecodable, "lies past the end of the file")
    few = tiff(bytes(61 * 43), page_tags(61, 43, 8, t278=1))
    yield Hostile("tiff-missing-strips", few, ImageUndecodable, "1 of its 43 strips")
    none = tiff(bytes(61 * 43), page_tags(61, 43, 8, t278=0))
    yield Hostile("tiff-strips-of-no-rows", none, ImageUndecodable, "strips have 0 rows")
    short = tiff(bytes(61 * 20), page_tags(61, 43, 8))
    yield Hostile("tiff-too-few-bytes", short, ImageUndecodable, "need 2,623 bytes, it has 1,220")


def tiff_contents() -> Iterator[Hostile]:
    """TIFFs whose directory is right and whose contents are not."""
    tile = {322: (16,), 323: (16,), 324: (8,), 325: (256,)}
    zero = tiff(bytes(256), page_tags(61, 43, 8) | tile | {322: (0,)})
    yield Hostile("tiff-tile-of-nothing", zero, ImageUndecodable, "tiles have 0 × 16 pixels")
    absurd = tiff(bytes(256), page_tags(61, 43, 8) | tile | {322: (2**31,), 323: (2**31,)})
    yield Hostile(
        "tiff-absurd-tile", absurd, ImageTooLarge, "tiles of 2,147,483,648 × 2,147,483,648"
    )
    missing = tiff(bytes(256), page_tags(10_000, 10_000, 8) | tile)
    yield Hostile("tiff-missing-tiles", missing, ImageUndecodable, "1 of its 390,625 tiles")
    overlap = {273: (8,) * 43, 279: (61 * 43,) * 43, 278: (1,)}
    yield Hostile(
        "tiff-overlap",
        tiff(bytes(61 * 43), page_tags(61, 43, 8, t259=5) | overlap),
        ImageUndecodable,
        "tiles overlap",
    )
    samples = tiff(bytes(61 * 43), page_tags(61, 43, 8, t277=60000))
    yield Hostile("tiff-60000-samples", samples, ImageUnsupported, "60,000 samples a pixel")
    packing = tiff(bytes(61 * 43), page_tags(61, 43, 8, t259=6))
    yield Hostile("tiff-old-jpeg", packing, ImageUnsupported, "compression 6 is not supported")
    floats = tiff(bytes(61 * 43 * 12), page_tags(61, 43, 32, 3) | {339: (3, 3, 3)})
    yield Hostile("tiff-float-rgb", floats, ImageUnsupported, "3 floating-point samples of 32 bits")
    lzw = tiff(bytes(range(256)) * 2, page_tags(61, 43, 8, t259=5))
    yield Hostile("tiff-broken-lzw", lzw, ImageUndecodable, "TIFF is damaged or truncated")
    fax = valid_files()["tiff-g4"]
    start = 8 if fax[8:12] != b"\0" * 4 else 16
    torn = patched(fax, start + 100, b"\xff\x00\xaa" * 20)
    yield Hostile("tiff-broken-fax", torn, ImageUndecodable, "Fax4Decode")
    raw = tiff(bytes(61 * 43), page_tags(61, 43, 8, t50706=0x01040000))
    yield Hostile("tiff-dng", raw, ImageUnsupported, "camera raw")
