"""Pieces of a mask: which of them something touches, so that only those are replaced anew."""

from collections.abc import Sequence

import numpy as np

from steps.anonymize.mask import Removal
from steps.imaging.document import Mask


def touched_by(removals: Sequence[Removal], place: Mask) -> list[bool]:
    """Say of each removal whether it shares a pixel with a place.

    Args:
        removals: of the page.
        place: uint8 (height, width) of the page, above 0 = there.
    """
    return [bool(((r.opacity > 0) & (place[r.crop.slices] > 0)).any()) for r in removals]


def pieces_at(opacity: Mask, place: Mask) -> Mask:
    """Return the connected pieces of an opacity that touch a place, and 0 elsewhere.

    Args:
        opacity: uint8 (height, width), above 0 = replaced.
        place: uint8 (height, width), above 0 = there.
    """
    import cv2

    count, labels = cv2.connectedComponents((opacity > 0).astype(np.uint8), connectivity=8)
    chosen = np.zeros(count, np.uint8)
    chosen[labels[place > 0]] = 255
    chosen[0] = 0
    pieces: Mask = np.minimum(chosen[labels], opacity)
    return pieces
