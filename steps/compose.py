"""Working on the crop round a mask and putting it back, with the proof that nothing else changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from steps.imaging.document import Mask, Pixels

STRIP = 256
"""Rows compared at a time."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of whole pixels within a picture: rows [y0, y1), columns [x0, x1)."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Width in px."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Height in px."""
        return self.y1 - self.y0

    @property
    def area(self) -> int:
        """Area in px."""
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of the crop in an array of (height, width, …)."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def union(self, other: "Crop") -> "Crop":
        """Return the smallest crop that contains both."""
        return Crop(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def touches(self, other: "Crop") -> bool:
        """Whether the two share a pixel."""
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def grown(self, margin: int, width: int, height: int, down: int | None = None) -> "Crop":
        """Return the crop with a margin on every side (`down`: above and below), cut at the picture's edges.

        All in px; width and height are the picture's.
        """
        vertical = margin if down is None else down
        return Crop(
            max(0, self.x0 - margin),
            max(0, self.y0 - vertical),
            min(width, self.x1 + margin),
            min(height, self.y1 + vertical),
        )


def bounds(mask: Mask) -> Crop | None:
    """Return the smallest crop that holds every pixel of the mask above 0; None when there is none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(mask.any(axis=0))
    return Crop(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


@dataclass(frozen=True, slots=True)
class Region:
    """Masked pieces that lie near one another, and the crop to fill them in."""

    crop: Crop
    """The pieces with room round them to copy from."""
    mask: Mask
    """uint8 of the crop's size: 255 on these pieces, 0 elsewhere, other pieces' pixels too."""


def regions(mask: Mask, *, near: float = 0.1, room: float = 0.8, least: int = 48) -> list[Region]:
    """Group the pieces of a mask that lie near one another, each group with room to copy from.

    The room may hold pieces of other groups, and crops may overlap; the masks never do.

    Args:
        mask: uint8 (height, width), above 0 = changed.
        near: pieces closer than this share of their longer side belong together.
        room: room to the left and right of a group, as a share of its longer side; half as much above and
            below, since fills come from the same layer of a scene rather than from another.
        least: room on each side at least, in px.
    """
    import cv2

    height, width = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (mask > 0).astype(np.uint8), connectivity=8
    )
    tight = [Crop(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]
    reach = [c.grown(max(2, round(near * max(c.width, c.height))), width, height) for c in tight]
    groups = join_touching(reach)
    number = np.array([_index_of(crop, groups) for crop in reach], np.int32)
    found = []
    for index in range(len(groups)):
        members = [crop for crop, of in zip(tight, number, strict=True) if of == index]
        inner = members[0]
        for crop in members[1:]:
            inner = inner.union(crop)
        margin = room * max(inner.width, inner.height)
        aside, down = max(least, round(margin)), max(least, round(margin / 2))
        crop = inner.grown(aside, width, height, down)
        own = np.zeros(count, np.uint8)
        own[1:][number == index] = 255
        found.append(Region(crop, own[labels[crop.slices]]))
    return found


def _index_of(crop: Crop, groups: list[Crop]) -> int:
    return next(i for i, group in enumerate(groups) if group.touches(crop))


def join_touching(crops: list[Crop]) -> list[Crop]:
    """Join crops that share a pixel until none do; the order of the input does not matter."""
    pending, done = list(crops), list[Crop]()
    while pending:
        crop = pending.pop()
        partner = next((other for other in pending if crop.touches(other)), None)
        if partner is not None:
            pending.remove(partner)
            pending.append(crop.union(partner))
            continue
        old = next((other for other in done if crop.touches(other)), None)
        if old is None:
            done.append(crop)
        else:
            done.remove(old)
            pending.append(crop.union(old))
    return sorted(done, key=lambda c: (c.y0, c.x0, c.y1, c.x1))


def blend(under: Pixels, over: Pixels, opacity: Mask) -> Pixels:
    """Lay `over` on `under`: exact where the opacity is 0 or 255, a weighted mean between.

    Args:
        under: RGB uint8 (height, width, 3).
        over: the same shape.
        opacity: uint8 (height, width), 255 = `over` alone.
    """
    soft = (opacity > 0) & (opacity < 255)
    result = np.where((opacity == 255)[..., np.newaxis], over, under)
    weight = opacity[soft].astype(np.uint32)[:, np.newaxis]
    mixed = under[soft] * (255 - weight) + over[soft] * weight
    result[soft] = ((mixed + 127) // 255).astype(np.uint8)
    return result


def largest_difference_outside(source: Pixels, result: Pixels, mask: Mask) -> int:
    """Return the largest difference of any channel where the mask is 0; 0 proves that nothing else changed."""
    largest = 0
    for rows, difference in _differences(source, result):
        difference[mask[rows] > 0] = 0
        largest = max(largest, int(difference.max()))
    return largest


def changed_share(source: Pixels, result: Pixels) -> float:
    """Return the share of pixels (0..1) that differ in any channel."""
    height, width = source.shape[:2]
    count = sum(np.count_nonzero(difference) for _, difference in _differences(source, result))
    return float(count / (height * width))


def _differences(source: Pixels, result: Pixels) -> Iterator[tuple[slice, Mask]]:
    """Yield strips of rows with each pixel's largest difference of any channel.

    In strips, so that the memory does not grow with the picture.
    """
    import cv2

    for top in range(0, source.shape[0], STRIP):
        rows = slice(top, top + STRIP)
        channels = cv2.split(cv2.absdiff(source[rows], result[rows]))
        yield rows, np.asarray(reduce(cv2.max, channels), np.uint8)
