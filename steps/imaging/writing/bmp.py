"""Writes BMP through Pillow: 24 bits, or 8 for grey. Transparency is laid on white, another profile becomes sRGB."""

import io

from PIL import Image

from steps.imaging.colour import profile_space, to_srgb
from steps.imaging.document import Page
from steps.imaging.writing.channels import channels, opaque


def write_bmp(page: Page) -> bytes:
    """Return a page as a BMP with its resolution. The format as everybody reads it has no profile and no EXIF."""
    samples = channels(opaque(page))
    picture = Image.fromarray(samples if samples.shape[2] == 3 else samples[..., 0])
    if picture.mode == "RGB" and profile_space(page.icc) == "RGB":
        picture = to_srgb("RGB", page.icc)(picture)
    buffer = io.BytesIO()
    picture.save(buffer, "BMP", **({"dpi": page.dpi} if page.dpi else {}))
    return buffer.getvalue()
