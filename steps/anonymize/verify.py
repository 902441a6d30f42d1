"""Looking again: what do the detectors still see in what is about to be delivered?

An unchanged part of a picture gives the detectors the same pixels as before, and they are
deterministic, so only what touches a changed pixel is looked at again (docs/decisions/0003).
"""

from collections.abc import Callable
from typing import TypeAlias

from steps.contract import Output
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page, Pixels
from steps.imaging.encode import encode, is_exact

Delivered: TypeAlias = Callable[[Page], Pixels]
"""Gives the pixels that a reader of the delivered file will see of a page."""


def delivery_of(document: Document, output: Output | None) -> Delivered:
    """Return how a page of `document` looks once delivered.

    Args:
        document: the source; its type and settings decide how the result is encoded.
        output: how to encode; None hands the pixels on as they are.
    """

    def delivered(page: Page) -> Pixels:
        result = document.with_pages((page,))
        if output is None or is_exact(result, output):
            return page.pixels
        content, _ = encode(result, output)
        return decode(content).pages[0].pixels

    return delivered
