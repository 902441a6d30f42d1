"""What the tests of decoding share."""

from collections.abc import Callable
from typing import Any

import numpy as np

from steps.errors import ImageError
from steps.imaging.decode import decode
from steps.imaging.document import Page


def page_of(content: bytes) -> Page:
    """Decode a file of one page and check the page's form."""
    pages = decode(content).pages
    assert len(pages) == 1
    assert pages[0].pixels.dtype == np.uint8
    assert pages[0].pixels.flags.c_contiguous
    return pages[0]


def deviation(page: Page, expected: np.ndarray[Any, Any]) -> float:
    """Return the mean absolute difference of the pixels."""
    assert page.pixels.shape == expected.shape
    return float(np.abs(page.pixels.astype(int) - expected).mean())


LOSSLESS: dict[str, dict[str, Any]] = {"PNG": {}, "TIFF": {}, "BMP": {}, "WEBP": {"lossless": True}}


def fault(call: Callable[[bytes], object], content: bytes) -> ImageError | None:
    """Return the image error that a call raises, if any; every other error goes through."""
    try:
        call(content)
    except ImageError as error:
        return error
    return None
