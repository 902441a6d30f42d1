"""The looks at a picture: at which sizes, and in which tiles, a detector sees it.

A detector of this kind finds a person well who is 64 to 600 px tall in its own input, hardly one
of 40 px, and sees close-ups worse the larger they are. So the picture is looked at from small to
enlarged, each size at most `RATIO` times the one before, in tiles where it is large.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log, sqrt

from steps.anonymize.tiles import Tile, grid
from steps.backends.contract import Box
from steps.imaging.document import Mask, Pixels

SMALL = 320
"""Longest side of the first look: people who fill the picture."""
PLAIN = 640
"""Longest side that the usual detectors were trained at."""
FINEST = 14.5e6
"""Px of the finest look: what lets a person of 40 px in 12 million px be seen (scale 1.1) in the time
that there is. Smaller pictures are enlarged further, larger ones not at all."""
LARGEST_SCALE = 1.5
"""Beyond this an enlarged picture only shows more of its own blur."""
RATIO = 3.0
"""Largest step from one size to the next."""
CLOSER_SIZE = 448
"""Longest side of a closer look at one thing, which fills a third of it: 150 px is plenty."""
MOST = 832
"""Longest side of a tile in px of its level; larger ones cost more time per pixel (caches)."""
OVERLAP = 80
"""Px of a level that neighbouring tiles share; what is larger and cut is looked at again."""


@dataclass(frozen=True, slots=True)
class Level:
    """The whole picture at one scale."""

    pixels: Pixels
    """The picture, shrunk where the scale is below 1."""
    shrunk: float
    """Px of `pixels` per px of the picture, at most 1."""
    enlarged: float
    """Scale at which the detector sees `pixels`."""
    tiles: tuple[Tile, ...]
    """Windows in px of `pixels`."""
    size: int
    """Longest side of the whole picture in px of the detector's input."""

    @property
    def scale(self) -> float:
        """Px of the detector's input per px of the picture."""
        return self.shrunk * self.enlarged

    @property
    def is_overview(self) -> bool:
        """Whether this is the look that is there for people who fill the picture."""
        return self.size == SMALL

    @property
    def is_plain(self) -> bool:
        """Whether the detector sees the picture as its makers meant it."""
        return self.size == PLAIN


def sizes(width: int, height: int, *, tiled: bool) -> list[int]:
    """Return the longest sides at which a picture is looked at, smallest first.

    Args:
        width: of the picture in px.
        height: of the picture in px.
        tiled: whether sizes beyond what fits one look are wanted.
    """
    enlarged = min(LARGEST_SCALE, max(1.0, sqrt(FINEST / (width * height))))
    finest = ceil(max(width, height) * enlarged)
    if not tiled:
        finest = min(finest, 2 * PLAIN)
    if finest <= PLAIN * 1.1:
        return [SMALL, PLAIN]
    count = ceil(log(finest / PLAIN, RATIO))
    between = [round(PLAIN * (finest / PLAIN) ** (i / count)) for i in range(1, count)]
    return [SMALL, PLAIN, *between, finest]


def shares(sizes: Sequence[int]) -> list[tuple[float, float]]:
    """Return where each size begins and ends, as shares of the time that all take together."""
    areas = [size * size for size in sizes]
    ends = [sum(areas[: i + 1]) / sum(areas) for i in range(len(areas))]
    return list(zip([0.0, *ends], ends, strict=False))


def levels(pixels: Pixels, *, tiled: bool) -> Iterator[Level]:
    """Make the levels of a picture, smallest first; each is made when it is asked for."""
    import cv2

    height, width = pixels.shape[:2]
    for size in sizes(width, height, tiled=tiled):
        scale = size / max(width, height)
        seen = pixels
        if scale < 1:
            # Averaging, where ultralytics would take single pixels: a far person does not flicker.
            inner = max(1, round(width * scale)), max(1, round(height * scale))
            seen = cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA).astype(pixels.dtype)
        enlarged = max(1.0, scale)
        most = round((MOST if tiled else 2 * PLAIN) / enlarged)
        rows, columns = seen.shape[:2]
        tiles = grid(columns, rows, most=most, overlap=round(OVERLAP / enlarged))
        yield Level(seen, min(1.0, scale), enlarged, tuple(tiles), size)


def shrink(mask: Mask, level: Level) -> Mask:
    """Bring a mask of the picture to a level: 255 where any pixel under it is set."""
    import cv2

    height, width = level.pixels.shape[:2]
    if mask.shape == (height, width):
        return mask
    reach = ceil(1 / level.shrunk)
    spread = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_RECT, (2 * reach + 1,) * 2))
    return cv2.resize(spread, (width, height), interpolation=cv2.INTER_NEAREST).astype(mask.dtype)


def closer_look(pixels: Pixels, window: Tile, *, closest: float) -> Level:
    """Return one window of a picture as a level of its own, enlarged but no larger than `CLOSER_SIZE`.

    Args:
        pixels: the picture.
        window: in px of the picture.
        closest: largest scale.
    """
    height, width = pixels.shape[:2]
    scale = min(closest, CLOSER_SIZE / max(window.x1 - window.x0, window.y1 - window.y0))
    return Level(pixels, 1.0, scale, (window,), round(scale * max(width, height)))


def tight_look(pixels: Pixels, window: Tile, size: int) -> Level:
    """Return one window of a picture as a level of its own, with `size` px along its longer side."""
    height, width = pixels.shape[:2]
    scale = size / max(window.x1 - window.x0, window.y1 - window.y0)
    return Level(pixels, 1.0, scale, (window,), round(scale * max(width, height)))


def window_round(box: Box, width: int, height: int, side: float) -> Tile:
    """Return the square window of `side` px round a box's centre, moved into the picture."""
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    columns, rows = min(width, ceil(side)), min(height, ceil(side))
    left = min(max(0, round(x - columns / 2)), width - columns)
    top = min(max(0, round(y - rows / 2)), height - rows)
    return Tile(left, top, left + columns, top + rows)
