"""The fixed grid in which a large picture is looked at: overlapping tiles of nearly one size.

The grid depends on the picture's size alone, so that an unchanged tile gives the same answer when
the result is looked at again.
"""

from dataclasses import dataclass
from itertools import product

from steps.backends.contract import Box
from steps.imaging.document import Mask, Pixels


@dataclass(frozen=True, slots=True)
class Tile:
    """A window in px of the picture: columns [x0, x1), rows [y0, y1)."""

    x0: int
    y0: int
    x1: int
    y1: int

    def of(self, pixels: Pixels) -> Pixels:
        """Return the window's part of a picture (a view)."""
        return pixels[self.y0 : self.y1, self.x0 : self.x1]

    def touches(self, mask: Mask) -> bool:
        """Whether any pixel of the mask is set inside the window."""
        return bool(mask[self.y0 : self.y1, self.x0 : self.x1].any())

    def cuts(self, box: Box, width: int, height: int, slack: float) -> bool:
        """Whether a box (in px of the picture) may go on beyond the window.

        Args:
            box: what was seen in this window.
            width: of the picture; its own border cuts nothing that could be seen elsewhere.
            height: of the picture.
            slack: px by which a box may stay away from the edge that cuts it.
        """
        return (
            (self.x0 > 0 and box.x0 - self.x0 <= slack)
            or (self.y0 > 0 and box.y0 - self.y0 <= slack)
            or (self.x1 < width and self.x1 - box.x1 <= slack)
            or (self.y1 < height and self.y1 - box.y1 <= slack)
        )


def spans(length: int, *, most: int, overlap: int) -> list[tuple[int, int]]:
    """Cover [0, length) with the fewest equal spans.

    Args:
        length: px to cover, at least 1.
        most: longest span in px, more than `overlap`.
        overlap: px that neighbours share at least.

    Returns:
        (start, end) of each, in order; a single one where `length` fits.
    """
    if length <= most:
        return [(0, length)]
    count = -(-(length - overlap) // (most - overlap))
    size = -(-(length + (count - 1) * overlap) // count)
    starts = [i * (length - size) // (count - 1) for i in range(count)]
    return [(start, start + size) for start in starts]


def grid(width: int, height: int, *, most: int, overlap: int) -> list[Tile]:
    """Cover a picture with tiles of at most `most` px a side; see `spans`."""
    columns = spans(width, most=most, overlap=overlap)
    rows = spans(height, most=most, overlap=overlap)
    return [Tile(x0, y0, x1, y1) for (y0, y1), (x0, x1) in product(rows, columns)]
