"""ComfyUI's pictures and masks as numpy arrays: float32 0..1, batch first; the service's are uint8.

k/255 goes through both ways without a change, for every k.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes = npt.NDArray[np.uint8]
"""(height, width, 3 or 4) of a picture, (height, width) of a mask."""
Floats = npt.NDArray[np.float32]
"""(batch, height, width, 3 or 4) of pictures, (batch, height, width) of masks; 0..1."""

T = TypeVar("T")

NO_MASK = (64, 64)
"""Size of the mask of zeros that LoadImage gives for a picture without transparency."""
ROWS = 128
"""Rows converted at a time: what is between the two arrays stays in the processor's cache."""


class SizesDiffer(ValueError):
    """Pictures of one batch have different sizes; the message names them."""


def to_bytes(picture: Floats) -> Bytes:
    """Return one picture or mask as uint8, rounded to the nearest; what lies outside 0..1 is clipped."""
    found = np.empty(picture.shape, np.uint8)
    for top in range(0, len(picture), ROWS):
        rows = picture[top : top + ROWS] * np.float32(255)
        rows += np.float32(0.5)
        np.clip(rows, 0, 255, out=rows)
        found[top : top + ROWS] = rows  # truncates
    return found


def to_floats(pictures: Sequence[Bytes]) -> Floats:
    """Return pictures, or masks, of one size as a batch.

    Raises:
        SizesDiffer: there is no common size.
    """
    shapes = {picture.shape[:2] for picture in pictures}
    if len(shapes) > 1:
        sizes = ", ".join(f"{picture.shape[1]}×{picture.shape[0]}" for picture in pictures)
        raise SizesDiffer(f"one batch holds pictures of one size only; these are {sizes}")
    found = np.empty((len(pictures), *pictures[0].shape), np.float32)
    for index, picture in enumerate(pictures):
        for top in range(0, len(picture), ROWS):
            rows = slice(top, top + ROWS)
            np.divide(picture[rows], np.float32(255), out=found[index, rows], dtype=np.float32)
    return found


def masks_for(masks: Floats, sizes: Sequence[tuple[int, int]]) -> list[Bytes] | None:
    """Return a mask for each picture, of its size.

    Args:
        masks: (batch, height, width) or (height, width), 1 = the region to change; one for all, or one each.
        sizes: (height, width) of the pictures.

    Returns:
        None where there is no mask: zeros of 64×64 px beside pictures of another size are what LoadImage
        gives when the picture has no transparency.

    Raises:
        SizesDiffer: there are as many masks neither as pictures, nor one.
    """
    masks = masks[np.newaxis] if masks.ndim == 2 else masks
    if masks.shape[1:] == NO_MASK and set(sizes) != {NO_MASK} and not masks.any():
        return None
    each = spread([to_bytes(mask) for mask in masks], len(sizes), "mask")
    return [_resized(mask, size) for mask, size in zip(each, sizes, strict=True)]


def spread(given: Sequence[T], count: int, what: str) -> list[T]:
    """Return as many pictures as asked for: one is repeated.

    Raises:
        SizesDiffer: there is neither one nor as many.
    """
    if len(given) not in (1, count):
        raise SizesDiffer(f"{len(given)} of {what} for {count} pictures; accepted: 1, or {count}")
    return list(given) if len(given) == count else [given[0]] * count


def transparency(picture: Bytes) -> Bytes:
    """Return ComfyUI's mask of a picture, 255 − alpha; zeros where it has none."""
    if picture.ndim == 3 and picture.shape[2] == 4:
        return np.asarray(255 - picture[..., 3], dtype=np.uint8)
    return np.zeros(picture.shape[:2], np.uint8)


def _resized(mask: Bytes, size: tuple[int, int]) -> Bytes:
    if mask.shape == size:
        return mask
    scaled = Image.fromarray(mask).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(scaled)
