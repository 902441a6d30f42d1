"""Hostile BMPs, WebPs, HEICs and AVIFs."""

from collections.abc import Iterator

from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported
from tests.steps.imaging.pictures import heic, rgb, saved
from tests.steps.imaging.pieces import Hostile, bmp, box, frames, patched, riff, webp_chunk


def bmps() -> Iterator[Hostile]:
    """BMPs."""
    good = saved(rgb(), "BMP")
    yield Hostile("bmp-cut-in-header", good[:30], ImageUndecodable, "ends within its header")
    yield Hostile(
        "bmp-half", good[: len(good) // 2], ImageUndecodable, "BMP is truncated: its 61 × 43 pixels"
    )
    yield Hostile(
        "bmp-negative-width", bmp(-61, 43, pixels=bytes(9000)), ImageUndecodable, "-61 × 43"
    )
    yield Hostile("bmp-zero-height", bmp(61, 0), ImageUndecodable, "61 × 0")
    yield Hostile(
        "bmp-huge-rle", bmp(2**31 - 1, 2**31 - 1, bits=8, packing=1), ImageTooLarge, "2,147,483,647"
    )
    yield Hostile("bmp-huge", bmp(2**31 - 1, 2**31 - 1), ImageUndecodable, "BMP is truncated")
    yield Hostile(
        "bmp-jpeg-inside",
        bmp(61, 43, packing=4, pixels=bytes(9000)),
        ImageUnsupported,
        "compression 4",
    )
    yield Hostile(
        "bmp-odd-bits", bmp(61, 43, bits=23, pixels=bytes(9000)), ImageUnsupported, "23 bits"
    )
    rle = bmp(61, 43, bits=8, packing=1, pixels=bytes(1024) + b"\x05\x01\0\x01")
    yield Hostile("bmp-short-rle", rle, ImageUndecodable, "BMP is damaged or truncated")


def webps() -> Iterator[Hostile]:
    """WebPs."""
    good = saved(rgb(), "WEBP")
    yield Hostile("webp-12-bytes", good[:12], ImageUndecodable, "WebP is truncated")
    yield Hostile(
        "webp-half", good[: len(good) // 2], ImageUndecodable, "WebP is truncated: it announces"
    )
    yield Hostile(
        "webp-riff-length",
        patched(good, 4, b"\xff\xff\xff\x7f"),
        ImageUndecodable,
        "announces 2,147,483,655",
    )
    yield Hostile(
        "webp-chunk-length",
        patched(good, 16, b"\xff\xff\0\0"),
        ImageUndecodable,
        "runs past the end",
    )
    yield Hostile("webp-empty", riff(), ImageUndecodable, "WebP has no picture in it")
    yield Hostile(
        "webp-short-vp8", riff(webp_chunk(b"VP8 ", b"\0" * 4)), ImageUndecodable, "no valid header"
    )
    canvas = webp_chunk(b"VP8X", b"\0" * 4 + b"\xff\xff\xff" * 2)
    yield Hostile(
        "webp-huge-canvas", riff(canvas, good[12:]), ImageTooLarge, "16,777,216 × 16,777,216"
    )
    liar = riff(webp_chunk(b"VP8X", b"\0" * 4 + b"\x09\0\0" * 2), good[12:])
    yield Hostile("webp-other-canvas", liar, ImageUndecodable, "WebP is damaged or truncated")
    yield Hostile("webp-animated", frames("WEBP"), ImageUnsupported, "animated WebP")


def heifs() -> Iterator[Hostile]:
    """HEICs and AVIFs."""
    good, avif = heic(), saved(rgb(), "AVIF")
    brand = box(b"ftyp", b"heic\0\0\0\0heicmif1")
    yield Hostile(
        "heic-brand-only", brand, ImageUndecodable, "HEIC has no picture in it (its meta box"
    )
    yield Hostile(
        "heic-garbage-boxes",
        brand + b"\xde\xad\xbe\xef" * 50,
        ImageUndecodable,
        "runs past the end",
    )
    yield Hostile("heic-half", good[: len(good) // 2], ImageUndecodable, "runs past the end")
    yield Hostile(
        "heic-empty-meta",
        brand + box(b"meta", b"\0" * 4),
        ImageUndecodable,
        "declares no coded item",
    )
    at = good.index(b"ispe") + 8
    yield Hostile(
        "heic-huge", patched(good, at, b"\x7f\xff\xff\xff" * 2), ImageTooLarge, "2,147,483,647"
    )
    yield Hostile("heic-zero", patched(good, at, b"\0" * 8), ImageUndecodable, "0 × 0")
    media = good.index(b"mdat") + 4
    torn = good[:media] + bytes(len(good) - media)
    yield Hostile("heic-zeroed", torn, ImageUndecodable, "HEIC is damaged or truncated")
    yield Hostile(
        "heic-sequence", box(b"ftyp", b"hevc\0\0\0\0hevc"), ImageUnsupported, "animated HEIC"
    )
    yield Hostile("avif-half", avif[: len(avif) // 2], ImageUndecodable, "runs past the end")
    media = avif.index(b"mdat") + 4
    yield Hostile(
        "avif-zeroed",
        avif[:media] + bytes(len(avif) - media),
        ImageUndecodable,
        "AVIF is damaged or truncated",
    )
    yield Hostile("avif-animated", frames("AVIF", duration=100), ImageUnsupported, "animated AVIF")
    nested = b""
    for _ in range(2000):
        nested = box(b"meta", b"\0\0\0\0" + nested)
    yield Hostile("heic-nested-boxes", brand + nested, ImageUndecodable, "declares no coded item")
