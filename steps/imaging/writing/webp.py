"""Writes WebP through Pillow and libwebp."""

import io
from dataclasses import replace

from PIL import Image

from steps.imaging.document import Page
from steps.imaging.writing.channels import channels, fitting_profile

MAX_SIDE = 16_383
"""What 14 bits of the format's header can say."""

_EFFORT = {False: {"method": 2}, True: {"method": 0, "quality": 20}}
"""libwebp's effort, with and without loss. A 12-megapixel photo takes 1.5 s with loss (method 4: 3.0 s and 5 % more
bytes) and 2.1 s without (method 4: 6.8 s for 10 % fewer bytes)."""


def write_webp(page: Page, exif: bytes | None, *, lossless: bool, quality: int | None) -> bytes:
    """Return a page as a WebP with its alpha channel, profile and EXIF block; the format knows no resolution.

    Args:
        page: what to write.
        exif: TIFF structure without the prefix "Exif".
        lossless: write without loss where no quality is asked for.
        quality: 1..100; None for no loss, or 92 where the source had some.
    """
    samples = channels(replace(page, grey=False))
    exact = lossless and quality is None
    effort = _EFFORT[exact] if exact else _EFFORT[exact] | {"quality": quality or 92}
    buffer = io.BytesIO()
    Image.fromarray(samples).save(
        buffer,
        "WEBP",
        lossless=exact,
        exact=exact,
        icc_profile=fitting_profile(page, samples) or b"",
        exif=exif or b"",
        **effort,
    )
    return buffer.getvalue()
