"""Hostile files, all built by code: what a damaged disk, a careless program or an attacker sends.

Each has the error that it must give: its class, and words that only this fault has.
"""

from collections.abc import Callable, Iterator

import numpy as np

from steps.errors import ImageUndecodable, ImageUnsupported
from tests.steps.imaging.hostile_containers import bmps, heifs, webps
from tests.steps.imaging.hostile_jpeg_png import jpegs, png_contents, pngs
from tests.steps.imaging.hostile_tiff import tiff_contents, tiffs
from tests.steps.imaging.pictures import grey, rgb, saved
from tests.steps.imaging.pieces import Hostile, box, frames


def strangers() -> Iterator[Hostile]:
    """Files of other kinds, whatever they are named."""
    yield Hostile("empty", b"", ImageUndecodable, "the file is empty")
    yield Hostile(
        "5-bytes", b"\x01\x02\x03\x04\x05", ImageUndecodable, "begins with 01 02 03 04 05"
    )
    yield Hostile("text", b"Dear Sir or Madam,\r\n", ImageUndecodable, "this is text")
    yield Hostile(
        "html", b"<!DOCTYPE html><html><body>404</body></html>", ImageUndecodable, "an HTML page"
    )
    yield Hostile(
        "svg", b'<?xml version="1.0"?>\n<svg xmlns="x"></svg>', ImageUnsupported, "an SVG drawing"
    )
    yield Hostile("pdf", b"%PDF-1.7\n", ImageUnsupported, "a PDF document")
    yield Hostile("gif", saved(rgb().quantize(8), "GIF"), ImageUnsupported, "a GIF")
    yield Hostile("gif-animated", frames("GIF"), ImageUnsupported, "a GIF")
    yield Hostile("psd", b"8BPS\0\1" + bytes(20), ImageUnsupported, "Photoshop")
    yield Hostile("ico", saved(rgb(), "ICO"), ImageUnsupported, "an icon")
    yield Hostile("jpeg-2000", b"\0\0\0\x0cjP  \r\n\x87\n", ImageUnsupported, "JPEG 2000")
    yield Hostile("jpeg-xl", b"\xff\x0a" + bytes(20), ImageUnsupported, "JPEG XL")
    yield Hostile(
        "cr2", b"II*\0\x10\0\0\0CR\2\0" + bytes(40), ImageUnsupported, "camera raw file (CR2)"
    )
    yield Hostile(
        "cr3", box(b"ftyp", b"crx \0\0\0\1crx isom"), ImageUnsupported, "camera raw file (CR3)"
    )
    yield Hostile("mp4", box(b"ftyp", b"isom\0\0\2\0isomiso2"), ImageUnsupported, "a video (MP4")
    yield Hostile("webm", b"\x1aE\xdf\xa3" + bytes(20), ImageUnsupported, "a video (Matroska")
    yield Hostile("zip", b"PK\3\4" + bytes(20), ImageUnsupported, "a ZIP archive")
    yield Hostile("ppm", b"P6\n1 1\n255\nabc", ImageUnsupported, "a PNM picture")
    yield Hostile("junk-before-jpeg", b"GIF89a" + saved(grey(), "JPEG"), ImageUnsupported, "a GIF")
    yield Hostile(
        "noise", np.random.default_rng(1).bytes(1000), ImageUndecodable, "no known picture"
    )


GROUPS: tuple[Callable[[], Iterator[Hostile]], ...] = (
    jpegs, pngs, png_contents, tiffs, tiff_contents, bmps, webps, heifs, strangers,
)  # fmt: skip


def hostile_files() -> list[Hostile]:
    """Return all of them."""
    return [hostile for group in GROUPS for hostile in group()]
