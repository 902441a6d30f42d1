"""The region that is painted: a caller's mask with a soft edge inside it."""

import numpy as np

from steps.errors import InvalidItem
from steps.imaging.document import Document, Mask


def masks_for(document: Document, masks: tuple[Mask, ...], filename: str) -> tuple[Mask, ...]:
    """Return one mask for each page: the mask's own page, or its only one for all.

    Raises:
        InvalidItem: numbers of pages or sizes do not fit.
    """
    pages = document.pages
    if len(masks) not in {1, len(pages)}:
        raise InvalidItem(
            f"the mask has {len(masks)} pages and the picture {len(pages)}; "
            "accepted is a mask of one page, or of as many as the picture",
            pointer=filename or None,
        )
    each = masks * len(pages) if len(masks) == 1 else masks
    for number, (page, mask) in enumerate(zip(pages, each, strict=True), start=1):
        height, width = mask.shape
        if (width, height) != page.size:
            raise InvalidItem(
                f"the mask has {width} × {height} px and page {number} of the picture "
                f"{page.size[0]} × {page.size[1]}; they must be equal",
                pointer=filename or None,
            )
    return each


def opacity_of(mask: Mask, feather: float) -> Mask:
    """Return how opaque the painted picture is laid on: the mask, softened inside its edge.

    Args:
        mask: uint8 (height, width), 255 = paint; grey values paint in part.
        feather: width of the ramp in px; it lies inside the mask, so that 0 stays 0. The picture's
            own edges are no edges of the mask.

    Returns:
        uint8 of the same shape, nowhere above `mask`.
    """
    import cv2

    inside = (mask > 0).astype(np.uint8)
    if feather <= 0 or inside.all() or not inside.any():
        return mask
    apart = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ramp = np.clip(apart / np.float32(feather + 1), 0, 1)
    return np.asarray(np.rint(ramp * mask), np.uint8)
