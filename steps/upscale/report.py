"""What the report of an upscaling holds beyond the common fields."""

from steps.contract import Report, Wire
from steps.tiling import Tiled


class UpscalePass(Wire):
    """One run of the backend over a whole page."""

    size: tuple[int, int]
    """Width and height in px after it."""
    tiles: int
    """Number of tiles."""
    tile: int
    """Longest side of a tile in px of what it worked on, without the overlap."""
    overlap: int
    """Px round each tile that the backend saw too."""
    halvings: int
    """How often memory ran out and the tile was halved."""
    seam_largest: int
    """Largest difference between neighbouring tiles where both made the same pixels, 0..255."""
    seam_mean: float
    """Mean difference there, 0..255."""
    seam_across: float
    """Mean step across the borders between tiles, 0..255; where it is about `seam_beside`, no border shows."""
    seam_beside: float
    """Mean step beside the borders, 0..255."""

    @classmethod
    def of(cls, tiled: Tiled, overlap: int) -> "UpscalePass":
        """Make it from what the tiling measured."""
        height, width = tiled.pixels.shape[:2]
        return cls(
            size=(width, height),
            tiles=tiled.tiles,
            tile=tiled.tile,
            overlap=overlap,
            halvings=tiled.halvings,
            seam_largest=tiled.seam.largest,
            seam_mean=round(tiled.seam.mean, 4),
            seam_across=round(tiled.seam.across, 4),
            seam_beside=round(tiled.seam.beside, 4),
        )


class UpscaledPage(Wire):
    """One page."""

    source_size: tuple[int, int]
    """Width and height in px."""
    target_size: tuple[int, int]
    """Width and height in px."""
    factor: float
    """Geometric mean of the factors of width and height."""
    passes: tuple[UpscalePass, ...]
    """Of the colours, in order."""
    alpha_passes: tuple[UpscalePass, ...] = ()
    """Of the transparency, where the page has any."""


class UpscaleReport(Report):
    """The record of an upscaling."""

    pages: tuple[UpscaledPage, ...]
