"""Pictures in and out: seconds and bytes of each format, beside Pillow and OpenCV in the same run.

    python -m benchmarks.imaging [MEGAPIXELS]

The picture is made here: clouds of five octaves, edges, and the grain of a sensor, so that it compresses
about as a photo does. Read the ratios within one run; absolute times depend on the machine.
"""

import io
import resource
import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from steps.contract import Output
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page, Pixels
from steps.imaging.encode import WRITABLE, encode
from steps.imaging.header import inspect

_ROUNDS = 3
_OCTAVES = (4, 16, 64, 256, 1024)


def photo(megapixels: float) -> Pixels:
    """Return a made picture of 4:3 with the given number of pixels."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    rng = np.random.default_rng(0)
    picture: NDArray[np.float32] = np.zeros((height, width, 3), np.float32)
    for cells in _OCTAVES:
        cloud = rng.normal(0.0, 60.0 / cells**0.4, (cells * 3 // 4, cells, 3)).astype(np.float32)
        picture += np.asarray(cv2.resize(cloud, (width, height), interpolation=cv2.INTER_CUBIC))
    picture[height // 3 : height // 2, width // 4 : width // 3] += 70
    grain = rng.normal(0.0, 5.0, picture.shape).astype(np.float32)
    picture += np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.8))
    result: Pixels = np.clip(picture + 128, 0, 255).astype(np.uint8)
    return result


def timed(name: str, work: Callable[[], bytes | None]) -> None:
    """Print the best time of a few rounds, and the size of what came out."""
    best, content = float("inf"), None
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        content = work()
        best = min(best, time.perf_counter() - began)
    size = f"{len(content) / 1e6:8.2f} MB" if content else ""
    print(f"{name:34s} {best * 1000:8.1f} ms {size}")


def pillow_saved(pixels: Pixels, kind: str, **options: object) -> bytes:
    """Return pixels as Pillow alone writes them."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def opencv_saved(pixels: Pixels, suffix: str) -> bytes:
    """Return pixels as OpenCV writes them."""
    return cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()


def nothing(work: Callable[[], object]) -> Callable[[], None]:
    """Return work whose result is dropped."""

    def run() -> None:
        work()

    return run


def main() -> None:
    """Run all of it."""
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 12.0
    pixels = photo(megapixels)
    document = Document(pages=(Page(pixels=pixels),), mime_type="image/png", lossless=True)
    print(f"{pixels.shape[1]} x {pixels.shape[0]} pixels, best of {_ROUNDS}")
    timed("Pillow: PNG, default level", lambda: pillow_saved(pixels, "PNG"))
    timed("Pillow: PNG, level 1", lambda: pillow_saved(pixels, "PNG", compress_level=1))
    timed("OpenCV: PNG", lambda: opencv_saved(pixels, ".png"))
    for mime_type in WRITABLE:
        output = Output(mime_type=mime_type)
        content, _ = encode(document, output)
        timed(f"encode {mime_type}", lambda output=output: encode(document, output)[0])  # type: ignore[misc]
        timed(f"inspect {mime_type}", nothing(lambda content=content: inspect(content)))  # type: ignore[misc]
        timed(f"decode {mime_type}", nothing(lambda content=content: decode(content)))  # type: ignore[misc]
    jpeg = pillow_saved(pixels, "JPEG", quality=92)
    timed(
        "Pillow: JPEG 4:2:0 to an array", nothing(lambda: np.asarray(Image.open(io.BytesIO(jpeg))))
    )
    timed("decode JPEG 4:2:0", nothing(lambda: decode(jpeg)))
    source = decode(jpeg)
    timed("encode JPEG as its source was", lambda: encode(source, Output())[0])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
