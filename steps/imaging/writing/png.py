"""Writes PNG with numpy and zlib.

Measured on a 12-megapixel photo (python -m benchmarks.imaging): as fast as OpenCV with 5 % fewer bytes, 1.6 times as
fast as Pillow at level 1 and 10 times at its default. Every row is written as its difference to the row above
(filter 2), which numpy does at once; then zlib's run-length strategy suits photos, and its full search suits
graphics with flat areas. A sample of rows decides which.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Page
from steps.imaging.reading.png_chunks import SIGNATURE, chunk
from steps.imaging.writing.channels import channels, fitting_profile

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_UP = 2
_BAND = 512
"""Rows filtered and compressed at a time."""
_SAMPLE = 64
"""Rows from the middle that are compressed both ways to decide."""


def write_png(page: Page, exif: bytes | None = None) -> bytes:
    """Return a page as a PNG, with its alpha channel, profile, resolution, and an EXIF block."""
    samples = channels(page)
    before: list[bytes] = []
    icc = fitting_profile(page, samples)
    if icc:
        before.append(chunk(b"iCCP", b"icc\0\0" + zlib.compress(icc, 9)))
    if page.dpi:
        across, down = (round(number / 0.0254) for number in page.dpi)
        before.append(chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    if exif:
        before.append(chunk(b"eXIf", exif))
    return write_samples(samples, before)


def write_samples(samples: NDArray[np.uint8], before: list[bytes] | None = None) -> bytes:
    """Return samples of shape (height, width, 1 to 4) as a PNG, with ready chunks put before the pixels."""
    height, width, count = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[count], 0, 0, 0)
    rows = samples.reshape(height, width * count)
    level, strategy = _choice(rows)
    packer = zlib.compressobj(level, strategy=strategy)
    pixels = [
        packer.compress(_filtered(rows, top, min(height, top + _BAND)))
        for top in range(0, height, _BAND)
    ]
    pixels.append(packer.flush())
    return b"".join(
        [
            SIGNATURE,
            chunk(b"IHDR", header),
            *(before or []),
            *(chunk(b"IDAT", piece) for piece in pixels if piece),
            chunk(b"IEND", b""),
        ]
    )


def _filtered(rows: NDArray[np.uint8], top: int, bottom: int) -> memoryview:
    """Return the rows [top, bottom), each as its difference to the one above, behind the filter's number."""
    band = np.empty((bottom - top, rows.shape[1] + 1), np.uint8)
    band[:, 0] = _UP
    if top:
        np.subtract(rows[top:bottom], rows[top - 1 : bottom - 1], out=band[:, 1:])
    else:
        band[0, 1:] = rows[0]
        np.subtract(rows[1:bottom], rows[: bottom - 1], out=band[1:, 1:])
    return band.data


def _choice(rows: NDArray[np.uint8]) -> tuple[int, int]:
    """Return zlib's level and strategy: the full search where it saves a quarter of the sample."""
    top = max(0, rows.shape[0] // 2 - _SAMPLE // 2)
    sample = _filtered(rows, top, min(rows.shape[0], top + _SAMPLE))
    quick, full = (1, zlib.Z_RLE), (6, zlib.Z_DEFAULT_STRATEGY)
    return full if _size(sample, *full) < 0.75 * _size(sample, *quick) else quick


def _size(sample: memoryview, level: int, strategy: int) -> int:
    packer = zlib.compressobj(level, strategy=strategy)
    return len(packer.compress(sample)) + len(packer.flush())
