"""Writes JPEG through Pillow and libjpeg-turbo. Transparency is laid on white, since JPEG has none."""

import io

from PIL import Image

from steps.imaging.document import JpegSettings, Page
from steps.imaging.writing.channels import channels, fitting_profile, opaque
from steps.imaging.writing.jpeg_copy import copy_jpeg

MAX_SIDE = 65_500
"""libjpeg's JPEG_MAX_DIMENSION."""
_MAX_TABLE = 255
"""Largest number of a quantization table that a baseline file holds."""


def write_jpeg(
    page: Page, exif: bytes | None, source: JpegSettings | None, quality: int | None
) -> bytes:
    """Return a page as a JPEG.

    Without a quality, a picture that came as a JPEG is written with the source's own quantization tables and
    subsampling, so not worse than it was; one that is unchanged is not coded again at all. With one, the source's
    subsampling stays; pictures that came otherwise keep their full colour (4:4:4) from quality 90 on, and have 4:2:0
    below.

    Args:
        page: what to write.
        exif: TIFF structure without the prefix "Exif".
        source: how the source was written; None if it was no JPEG.
        quality: 1..100 as libjpeg counts; None for the source's own, 92 where it has none.
    """
    if quality is None and source is not None and source.coded is not None:
        return copy_jpeg(source.coded, exif, page.icc)
    samples = channels(opaque(page))
    picture = Image.fromarray(samples if samples.shape[2] == 3 else samples[..., 0])
    options: dict[str, object] = {"icc_profile": fitting_profile(page, samples)}
    if page.dpi:
        options["dpi"] = page.dpi
    if exif:
        options["exif"] = b"Exif\0\0" + exif
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options, **_coding(source, quality))
    return buffer.getvalue()


def _coding(source: JpegSettings | None, quality: int | None) -> dict[str, object]:
    if source is None:
        number = 92 if quality is None else quality
        return {"quality": number, "subsampling": "4:4:4" if number >= 90 else "4:2:0"}
    coding: dict[str, object] = {
        "subsampling": source.subsampling,
        "progressive": source.progressive,
    }
    if quality is not None:
        return coding | {"quality": quality}
    tables = {
        index: [min(_MAX_TABLE, max(1, number)) for number in table]
        for index, table in source.quantization.items()
    }
    return coding | {"qtables": tables}
