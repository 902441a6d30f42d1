"""Hostile JPEGs and PNGs."""

import struct
import zlib
from collections.abc import Iterator

from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported
from steps.imaging.reading.png_chunks import SIGNATURE, chunk
from tests.steps.imaging.pictures import rgb, saved
from tests.steps.imaging.pieces import (
    END,
    Hostile,
    broken_crc,
    frames,
    idat,
    ihdr,
    jpeg_sized,
    patched,
    png_of,
    without_segment,
)


def jpegs() -> Iterator[Hostile]:
    """JPEGs."""
    good = saved(rgb(), "JPEG", quality=95)
    start = good.index(b"\xff\xda")
    huffman = good.index(b"\xff\xc4")
    yield Hostile("jpeg-5-bytes", good[:5], ImageUndecodable, "FFE0 is cut off")
    yield Hostile(
        "jpeg-cut-in-header",
        good[: good.index(b"\xff\xdb") + 10],
        ImageUndecodable,
        "FFDB is cut off",
    )
    yield Hostile(
        "jpeg-cut-before-scan", good[:start], ImageUndecodable, "end-of-image marker is missing"
    )
    yield Hostile(
        "jpeg-half",
        good[: (start + len(good)) // 2],
        ImageUndecodable,
        "end-of-image marker is missing",
    )
    yield Hostile("jpeg-without-eoi", good[:-2], ImageUndecodable, "end-of-image marker is missing")
    yield Hostile(
        "jpeg-without-sos",
        good[:start] + b"\xff\xd9",
        ImageUndecodable,
        "start-of-scan marker is missing",
    )
    yield Hostile(
        "jpeg-without-sof", without_segment(good, 0xC0), ImageUndecodable, "0 frame headers"
    )
    yield Hostile(
        "jpeg-without-tables", without_segment(good, 0xDB), ImageUndecodable, "JPEG is damaged"
    )
    yield Hostile("jpeg-65535", jpeg_sized(65535, 65535), ImageTooLarge, "65,535 × 65,535")
    yield Hostile(
        "jpeg-wide-bomb", jpeg_sized(60000, 60000), ImageTooLarge, "at most 150,000,000 in all"
    )
    yield Hostile("jpeg-zero-width", jpeg_sized(0, 40), ImageUndecodable, "0 × 40 pixels")
    yield Hostile("jpeg-zero-height", jpeg_sized(40, 0), ImageUndecodable, "40 × 0 pixels")
    bad_table = patched(good, huffman + 5, b"\xff" * 16)
    yield Hostile("jpeg-huffman", bad_table, ImageUndecodable, "JPEG is damaged or truncated: ")
    twelve_bits = patched(good, good.index(b"\xff\xc0") + 4, b"\x0c")
    yield Hostile("jpeg-12-bit", twelve_bits, ImageUnsupported, "3 components of 12 bits")
    lossless = patched(good, good.index(b"\xff\xc0"), b"\xff\xc3")
    yield Hostile("jpeg-lossless", lossless, ImageUnsupported, "SOF3")
    sampling = patched(good, good.index(b"\xff\xc0") + 11, b"\x00")
    yield Hostile("jpeg-no-sampling", sampling, ImageUndecodable, "impossible sampling factor")
    progressive = saved(rgb(), "JPEG", progressive=True)
    scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    many = progressive[:-2] + scan * 200 + b"\xff\xd9"
    yield Hostile("jpeg-scan-bomb", many, ImageUndecodable, "more than 100 scans")
    fill = good[:2] + b"\xff" * 2_000_000
    yield Hostile("jpeg-fill-bytes", fill, ImageUndecodable, "end-of-image marker is missing")


def pngs() -> Iterator[Hostile]:
    """PNGs; the names x… are those of PngSuite's corrupted files that have the same fault."""
    good = saved(rgb(), "PNG")
    whole = idat(43, 61 * 3)
    yield Hostile("png-signature-only", SIGNATURE, ImageUndecodable, "IEND) is missing")
    yield Hostile("png-cut-in-header", good[:20], ImageUndecodable, "chunk IHDR is cut off")
    yield Hostile("png-half", good[: len(good) // 2], ImageUndecodable, "chunk IDAT is cut off")
    yield Hostile("png-without-end", good[:-12], ImageUndecodable, "IEND) is missing")
    yield Hostile("xs1n0g01", b"\x88" + good[1:], ImageUndecodable, "no known picture")
    yield Hostile(
        "xcrn0g04-line-ends", good.replace(b"\r\n", b"\n"), ImageUndecodable, "no known picture"
    )
    colour = png_of(ihdr(61, 43, 8, 1), whole, END)
    yield Hostile("xc1n0g08-colour-type", colour, ImageUndecodable, "colour type 1, 8 bits")
    depth = png_of(ihdr(61, 43, 3, 0), whole, END)
    yield Hostile("xd3n2c08-bit-depth", depth, ImageUndecodable, "colour type 0, 3 bits")
    yield Hostile(
        "xdtn0g01-no-idat", png_of(ihdr(61, 43), END), ImageUndecodable, "IDAT chunk is missing"
    )
    checksum = png_of(ihdr(61, 43), broken_crc(b"IDAT", zlib.compress(bytes(43 * 184))), END)
    yield Hostile(
        "xcsn0g01-idat-checksum", checksum, ImageUndecodable, "chunk IDAT has a wrong checksum"
    )
    header = broken_crc(b"IHDR", struct.pack(">IIBBBBB", 61, 43, 8, 2, 0, 0, 0))
    yield Hostile(
        "xhdn0g08-header-checksum",
        png_of(header, whole, END),
        ImageUndecodable,
        "IHDR has a wrong checksum",
    )
    huge = png_of(ihdr(2**31 - 1, 2**31 - 1), whole, END)
    yield Hostile("png-2-31", huge, ImageTooLarge, "2,147,483,647 × 2,147,483,647")
    yield Hostile(
        "png-zero-width", png_of(ihdr(0, 43), whole, END), ImageUndecodable, "0 × 43 pixels"
    )
    bomb = png_of(ihdr(30000, 30000, 1, 0), chunk(b"IDAT", zlib.compress(bytes(10_000_000))), END)
    yield Hostile("png-zlib-bomb", bomb, ImageTooLarge, "30,000 × 30,000")


def png_contents() -> Iterator[Hostile]:
    """PNGs whose structure is right and whose contents are not."""
    whole = idat(43, 61 * 3)
    short = png_of(ihdr(61, 43), idat(20, 61 * 3), END)
    yield Hostile("png-too-few-rows", short, ImageUndecodable, "pixels hold 3,680 of 7,912 bytes")
    laced = png_of(ihdr(61, 43, rest=b"\0\0\1"), chunk(b"IDAT", zlib.compress(bytes(2813))), END)
    yield Hostile("png-too-few-passes", laced, ImageUndecodable, "pixels hold 2,813 of 7,951")
    garbage = png_of(ihdr(61, 43), chunk(b"IDAT", b"\x78\x9c" + bytes(range(200))), END)
    yield Hostile("png-broken-zlib", garbage, ImageUndecodable, "PNG is damaged or truncated")
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(50_000_000), 9))
    yield Hostile(
        "png-iccp-bomb",
        png_of(ihdr(61, 43), profile, whole, END),
        ImageTooLarge,
        "unpacks to more than",
    )
    no_palette = png_of(ihdr(61, 43, 8, 3), idat(43, 61), END)
    yield Hostile("png-no-palette", no_palette, ImageUndecodable, "palette (PLTE) is missing")
    odd = png_of(ihdr(61, 43, 8, 3), chunk(b"PLTE", b"\0" * 7), idat(43, 61), END)
    yield Hostile("png-odd-palette", odd, ImageUndecodable, "palette (PLTE) is out of place")
    critical = png_of(ihdr(61, 43), chunk(b"EVIL", b"x"), whole, END)
    yield Hostile("png-unknown-critical", critical, ImageUnsupported, "chunk EVIL")
    length = png_of(ihdr(61, 43)) + struct.pack(">I4s", 0x7FFFFFFF, b"IDAT") + bytes(100)
    yield Hostile("png-length-past-end", length, ImageUndecodable, "chunk IDAT is cut off")
    yield Hostile("apng", frames("PNG"), ImageUnsupported, "animated PNG")
