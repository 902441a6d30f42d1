"""Runs a function over the tiles of a picture and puts the results together."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steps.contract import Context
from steps.errors import OutOfMemory
from steps.imaging.document import Pixels
from steps.tiling.grid import Box, Rect, Size, Tile, cut, grid
from steps.tiling.memory import is_out_of_memory
from steps.tiling.seams import Disagreement, Seam, border_steps

Work = Callable[[Pixels, Box, Size], Pixels]
"""Makes a part of the result: takes a window of the picture, the part as a box in px of the window,
and the part's size; returns RGB uint8 of that size. Must not change the window."""

FLOOR = 32
"""Side in px of the smallest tile that is tried before memory is given up for lost."""


@dataclass(frozen=True, slots=True)
class Tiled:
    """A result and how it came about."""

    pixels: Pixels
    tile: int
    """Longest side of the tiles in px of the source, without the overlap."""
    tiles: int
    """How many there were."""
    halvings: int
    """How often memory ran out and the tile was halved."""
    seam: Seam


def run_tiled(
    pixels: Pixels,
    target: Size,
    work: Work,
    *,
    tile: int,
    overlap: int,
    context: Context,
    multiple: int = 1,
    floor: int = FLOOR,
    message: str = "",
) -> Tiled:
    """Make a result of size `target` from a picture, tile by tile.

    Args:
        pixels: RGB uint8 (height, width, 3).
        target: (width, height) of the result in px.
        work: makes each part; called in order, from this thread.
        tile: longest side of a tile in px of the source, without the overlap.
        overlap: px of the source round each tile that the work sees too; reflected at the borders.
        context: receives progress after each tile, never going back; asked before each tile
            whether to stop.
        multiple: width and height of every window are multiples of this.
        floor: side in px of the smallest tile.
        message: said with the progress.

    Raises:
        Cancelled: the caller wants the work stopped.
        OutOfMemory: memory ran out at the smallest tile, or for the result itself.
    """
    height, width = pixels.shape[:2]
    tile = min(tile, max(width, height))
    reached = _Watermark(context, message)
    halvings = 0
    while True:
        tiles = grid((width, height), target, tile=tile, overlap=overlap, multiple=multiple)
        try:
            canvas = _Canvas((width, height), target, overlap)
            _all(pixels, tiles, work, canvas, reached)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if tile <= floor:
                raise OutOfMemory(
                    f"memory ran out at tiles of {tile} px while making {target[0]} × {target[1]} px: {error}"
                ) from error
            tile = max(floor, tile // 2)
            halvings += 1
        else:
            return Tiled(canvas.pixels, tile, len(tiles), halvings, canvas.seam(tiles))


def cropped(work: Callable[[Pixels], Pixels]) -> Work:
    """Turn a function that keeps the size into `Work`; for results of the source's own size."""

    def crop(window: Pixels, box: Box, size: Size) -> Pixels:
        x, y = round(box[0]), round(box[1])
        return work(window)[y : y + size[1], x : x + size[0]]

    return crop


class _Watermark:
    """Progress that never goes back, though the work may start again."""

    def __init__(self, context: Context, message: str) -> None:
        self._context = context
        self._message = message
        self._highest = 0.0

    def reach(self, fraction: float) -> None:
        self._highest = max(self._highest, fraction)
        self._context.progress(self._highest, self._message)

    def check_cancelled(self) -> None:
        self._context.check_cancelled()


def _all(
    pixels: Pixels, tiles: tuple[Tile, ...], work: Work, canvas: "_Canvas", reached: _Watermark
) -> None:
    height, width = pixels.shape[:2]
    for done, tile in enumerate(tiles, start=1):
        reached.check_cancelled()
        wanted = canvas.wanted(tile.target)
        box = tile.box(wanted, (width, height), canvas.size)
        canvas.add(tile.target, wanted, work(cut(pixels, tile.window), box, wanted.size))
        reached.reach(done / len(tiles))


class _Canvas:
    """The result as it grows, and what neighbouring tiles disagree by."""

    def __init__(self, source: Size, target: Size, overlap: int) -> None:
        scale = max(target[0] / source[0], target[1] / source[1])
        self.size = target
        self.pixels = np.empty((target[1], target[0], 3), np.uint8)
        self._beside = max(2, math.ceil(scale))
        self._strip = min(math.ceil(scale), math.floor(overlap * scale))
        self._difference = Disagreement()

    def wanted(self, target: Rect) -> Rect:
        """Let a tile make a strip of its right and lower neighbours too; they write over it later."""
        x1 = min(self.size[0], target.x1 + self._strip)
        y1 = min(self.size[1], target.y1 + self._strip)
        return Rect(target.x0, target.y0, x1, y1)

    def add(self, target: Rect, wanted: Rect, part: Pixels) -> None:
        """Take what a tile made, after comparing it with what its neighbours left there."""
        if part.shape != (wanted.size[1], wanted.size[0], 3):
            raise ValueError(f"a tile of {wanted.size} px was wanted, the work made {part.shape}")
        width, height = target.size
        left = Rect(0, 0, min(self._strip, width), height) if target.x0 > 0 else Rect(0, 0, 0, 0)
        upper = Rect(left.x1, 0, width, min(self._strip, height) if target.y0 > 0 else 0)
        before = self.pixels[target.y0 : target.y1, target.x0 : target.x1]
        for strip in (left, upper):
            self._difference.add(cut(before, strip), cut(part, strip))
        self.pixels[wanted.y0 : wanted.y1, wanted.x0 : wanted.x1] = part

    def seam(self, tiles: tuple[Tile, ...]) -> Seam:
        """Measure the borders of the finished result."""
        columns = sorted({tile.target.x0 for tile in tiles} - {0})
        rows = sorted({tile.target.y0 for tile in tiles} - {0})
        across, beside = border_steps(self.pixels, columns, rows, beside=self._beside)
        return self._difference.seam(across, beside)
