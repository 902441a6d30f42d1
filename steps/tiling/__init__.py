"""Work on a picture in tiles with overlap, so that memory is bounded by the tile.

`run_tiled` cuts the picture into windows that overlap, calls a function for each, puts the results
together, and measures whether the borders show. When memory runs out it starts again with tiles of
half the side.
"""

from steps.tiling.grid import Box, Rect, Size, Tile, cut, grid, tile_within
from steps.tiling.memory import is_out_of_memory
from steps.tiling.runner import FLOOR, Tiled, Work, cropped, run_tiled
from steps.tiling.seams import Seam

__all__ = [
    "FLOOR",
    "Box",
    "Rect",
    "Seam",
    "Size",
    "Tile",
    "Tiled",
    "Work",
    "cropped",
    "cut",
    "grid",
    "is_out_of_memory",
    "run_tiled",
    "tile_within",
]
