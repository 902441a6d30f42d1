"""Pictures of a given size in bytes, each with contents of its own."""

import io
from functools import cache

import numpy as np
from PIL import Image

SMALL, PHOTO = "20 kB PNG", "200 kB JPEG"
MIME_TYPES = {SMALL: "image/png", PHOTO: "image/jpeg"}


@cache
def _whole(kind: str) -> bytes:
    """Return a picture of noise on a gradient, of about the size that its name says."""
    side, noise = (83, 128) if kind == SMALL else (580, 96)
    ramp = np.linspace(0, 255 - noise, side)[:, None, None]
    grain = np.random.default_rng(1).integers(0, noise, (side, side, 3))
    stream = io.BytesIO()
    picture = Image.fromarray((ramp + grain).astype(np.uint8))
    if kind == SMALL:
        picture.save(stream, "PNG")
    else:
        picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def picture(kind: str, number: int) -> bytes:
    """Return a picture whose bytes no other number has: it stands behind the end, where readers ignore it."""
    return _whole(kind) + number.to_bytes(4, "big")
