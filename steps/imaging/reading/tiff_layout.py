"""Where the pixels of a TIFF page lie: strips or tiles, checked against the limits and against the file."""

from dataclasses import dataclass
from math import ceil

from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported
from steps.imaging.ifd import Directory
from steps.imaging.limits import Limits, Size

BITS, SAMPLES, PLANAR = 258, 277, 284
STRIP_OFFSETS, ROWS_PER_STRIP, STRIP_COUNTS = 273, 278, 279
TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_COUNTS = 322, 323, 324, 325
MAX_SAMPLES = 6
"""Samples of one pixel that Pillow takes: 4 of CMYK and two extra ones."""


@dataclass(frozen=True)
class Layout:
    """How a page is cut into pieces."""

    tiled: bool
    across: int
    """Pixels of a piece from left to right."""
    rows: int
    """Rows of a piece; the last strip of a plane may have fewer."""
    planes: int
    """1, or one for each sample where those are stored apart."""
    count: int
    """Pieces of all planes together."""

    @property
    def name(self) -> str:
        """What the pieces are called."""
        return "tiles" if self.tiled else "strips"


def layout_of(directory: Directory, size: Size, limits: Limits) -> Layout:
    """Read a page's layout; shapes that would decode far more than they show are refused.

    Raises:
        ImageUndecodable: an impossible layout.
        ImageUnsupported: too many samples.
        ImageTooLarge: tiles far larger than the picture.
    """
    samples = directory.integer(SAMPLES, 1)
    if not 1 <= samples <= MAX_SAMPLES:
        raise ImageUnsupported(
            f"a TIFF of {samples:,} samples a pixel is not supported; at most {MAX_SAMPLES} are"
        )
    planes = samples if directory.integer(PLANAR, 1) == 2 else 1
    if TILE_OFFSETS not in directory.places:
        rows = min(directory.integer(ROWS_PER_STRIP, size[1]), size[1])
        if rows < 1:
            raise ImageUndecodable("the TIFF is damaged: its strips have 0 rows")
        return Layout(False, size[0], rows, planes, ceil(size[1] / rows) * planes)
    across, rows = directory.integer(TILE_WIDTH, 0), directory.integer(TILE_LENGTH, 0)
    if across < 1 or rows < 1:
        raise ImageUndecodable(f"the TIFF is damaged: its tiles have {across} × {rows} pixels")
    count = ceil(size[0] / across) * ceil(size[1] / rows)
    if count * across * rows > 2 * limits.max_pixels:
        raise ImageTooLarge(
            f"the TIFF's {count:,} tiles of {across:,} × {rows:,} pixels are too many; together"
            f" {2 * limits.max_pixels:,} are accepted"
        )
    return Layout(True, across, rows, planes, count * planes)


def pieces_of(
    directory: Directory, layout: Layout, size: Size, *, raw: bool
) -> tuple[tuple[int, int], ...]:
    """Return (offset, bytes) of every strip or tile, all of them within the file.

    Where the page is not compressed (`raw`), its shape says how many bytes each has; some programs write other
    numbers, or none.

    Raises:
        ImageUndecodable: pieces are missing, lie outside the file, or are shorter than their pixels.
    """
    offsets = directory.integers(TILE_OFFSETS if layout.tiled else STRIP_OFFSETS) or ()
    counts = directory.integers(TILE_COUNTS if layout.tiled else STRIP_COUNTS) or ()
    needed = _raw_sizes(directory, layout, size) if raw else []
    counts = counts or tuple(needed)
    found = min(len(offsets), len(counts))
    if found < layout.count:
        raise ImageUndecodable(
            f"the TIFF is damaged: it names {found:,} of its {layout.count:,} {layout.name}"
        )
    if raw:
        counts = tuple(min(pair) for pair in zip(counts, needed, strict=False))
    pieces = tuple(zip(offsets[: layout.count], counts[: layout.count], strict=True))
    if any(at < 0 or count < 0 or at + count > len(directory.content) for at, count in pieces):
        raise ImageUndecodable(
            f"the TIFF is truncated or damaged: one of its {layout.name} lies past the end of the file"
        )
    if raw and sum(counts[: layout.count]) < sum(needed):
        raise ImageUndecodable(
            f"the TIFF is truncated: its pixels need {sum(needed):,} bytes, it has {sum(counts):,}"
        )
    return pieces


def _raw_sizes(directory: Directory, layout: Layout, size: Size) -> list[int]:
    """Return the bytes of every uncompressed piece; each row of pixels begins on a byte."""
    samples = 1 if layout.planes > 1 else directory.integer(SAMPLES, 1)
    row = (layout.across * samples * directory.integer(BITS, 1) + 7) // 8
    if layout.tiled:
        return [row * layout.rows] * layout.count
    strips = layout.count // layout.planes
    last = size[1] - (strips - 1) * layout.rows
    return [row * rows for rows in [*[layout.rows] * (strips - 1), last]] * layout.planes
