"""Pictures whose "people" are magenta rectangles, for the stub detector."""

from collections.abc import Sequence

import cv2
import numpy as np

from steps.imaging.document import Pixels

MAGENTA = (255, 0, 255)


def picture(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (320, 240)) -> Pixels:
    """Return smooth noise of (width, height) with a magenta rectangle (x0, y0, x1, y1) for each box."""
    width, height = size
    rng = np.random.default_rng(5)
    small = rng.integers(40, 200, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    pixels = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    paint(pixels, boxes)
    return pixels


def paint(pixels: Pixels, boxes: Sequence[tuple[int, int, int, int]]) -> None:
    """Paint magenta rectangles."""
    for x0, y0, x1, y1 in boxes:
        pixels[y0:y1, x0:x1] = MAGENTA


def png(pixels: Pixels) -> bytes:
    """Encode RGB pixels as PNG."""
    return bytes(cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1])


def jpeg(pixels: Pixels, quality: int = 95) -> bytes:
    """Encode RGB pixels as JPEG."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), settings)[1])


def covers(box: tuple[float, float, float, float], wanted: tuple[int, int, int, int]) -> bool:
    """Whether a reported box is the wanted one within 3 px."""
    return max(abs(a - b) for a, b in zip(box, wanted, strict=True)) <= 3
