"""Masks in and out: uint8 (height, width), 255 = the region to change, as one-channel pictures."""

from collections.abc import Sequence

import numpy as np

from steps.imaging.decode import decode
from steps.imaging.document import Document, Mask, Page
from steps.imaging.limits import Limits
from steps.imaging.sniff import PNG, TIFF
from steps.imaging.writing.png import write_samples
from steps.imaging.writing.tiff import write_tiff


def encode_mask(mask: Mask) -> bytes:
    """Return a mask of shape (height, width) as a PNG of one channel."""
    return write_samples(np.ascontiguousarray(mask)[..., np.newaxis])


def encode_masks(masks: Sequence[Mask]) -> tuple[bytes, str]:
    """Return the masks of a document's pages as one file, and its type: PNG for one, TIFF for several."""
    if len(masks) == 1:
        return encode_mask(masks[0]), PNG
    pages = [Page(pixels=np.repeat(mask[..., np.newaxis], 3, axis=2), grey=True) for mask in masks]
    return write_tiff(pages, None), TIFF


def decode_mask(content: bytes, *, filename: str = "", limits: Limits | None = None) -> Mask:
    """Return the first page of a picture of any accepted type as a mask; errors as `decode`'s."""
    return mask_of(decode(content, filename=filename, limits=limits).pages[0])


def decode_masks(
    content: bytes, *, filename: str = "", limits: Limits | None = None
) -> tuple[Mask, ...]:
    """Return every page of a picture as a mask; errors as `decode`'s."""
    return masks_of(decode(content, filename=filename, limits=limits))


def masks_of(document: Document) -> tuple[Mask, ...]:
    """Return every page of a decoded document as a mask."""
    return tuple(mask_of(page) for page in document.pages)


def mask_of(page: Page) -> Mask:
    """Return a page as a mask: its brightness (ITU-R BT.601), times its opacity where it has transparency.

    White is the region to change, black and transparent are kept.
    """
    if page.grey:
        mask = page.pixels[..., 0].copy()
    else:
        # Weights in 1/65536, which sum to exactly 65536, so that white stays 255.
        red, green, blue = (page.pixels[..., band].astype(np.uint32) for band in range(3))
        mask = ((red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16).astype(np.uint8)
    if page.alpha is not None:
        mask = ((mask.astype(np.uint16) * page.alpha + 127) // 255).astype(np.uint8)
    return mask
