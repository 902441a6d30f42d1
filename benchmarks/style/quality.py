"""Figures of how it looks: kept colours, drift, seams beside naive tiles, edges beside plain enlarging."""

from dataclasses import dataclass

import numpy as np

from benchmarks.style.methods import painted, peer
from benchmarks.upscale.photos import of_size, photo
from steps.imaging.document import Pixels
from steps.style_transfer import measure
from steps.style_transfer.carry import luma
from steps.style_transfer.page import strips
from steps.style_transfer.working import shrunk, working_size
from steps.tiling.seams import border_steps

TILE = 512
"""Side of a naive tile, px."""


@dataclass(frozen=True, slots=True)
class Look:
    """One photo in one style, colours kept: ours and the peer's."""

    colour_error: tuple[float, float]
    """As the report defines it, levels."""
    turned: tuple[float, float]
    """Share of the coloured pixels (chroma above 16 levels) whose hue turned by more than 10 degrees."""
    drift: float
    """Of the freely coloured picture, which both paint alike; as the report defines it."""


def look(name: str, style: str) -> Look:
    """Measure a photo in a style."""
    source = photo(name)
    ours, _ = painted(source, style=style, keepColors=True)
    theirs = peer(source, keep_colors=True, style=style)
    _, free = painted(source, style=style)
    pair = (ours, theirs)
    return Look(
        colour_error=tuple(measure.colour_error(source, made, None) for made in pair),  # type: ignore[arg-type]
        turned=tuple(turned_share(source, made) for made in pair),  # type: ignore[arg-type]
        drift=free.drift,
    )


def turned_share(source: Pixels, result: Pixels) -> float:
    """Return the share of coloured pixels whose hue angle in the (Cb, Cr) plane turned by over 10 degrees."""
    before, after = _chroma(source), _chroma(result)
    coloured = (np.abs(before) > 16) & (np.abs(after) > 4)
    if not coloured.any():
        return 0.0
    angle = np.abs(np.angle(after[coloured] / before[coloured]))
    return float((angle > np.deg2rad(10)).mean())


def _chroma(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.complex128]]:
    values, brightness = pixels.astype(np.float64), luma(pixels)
    return (values[..., 2] - brightness) / 1.772 + 1j * (values[..., 0] - brightness) / 1.402


def seams(megapixels: float, style: str) -> tuple[float, float]:
    """Return the step across borders relative to the steps beside them: the step's strips, and naive tiles.

    1 = borders do not show.
    """
    source = of_size(megapixels)
    height, width = source.shape[:2]
    ours, _ = painted(source, style=style)
    rows = [start for start, _ in strips(height, width)][1:]
    tiled = np.empty_like(source)
    columns_of_tiles, rows_of_tiles = range(0, width, TILE), range(0, height, TILE)
    for y in rows_of_tiles:
        for x in columns_of_tiles:
            place = (slice(y, y + TILE), slice(x, x + TILE))
            tiled[place] = peer(np.ascontiguousarray(source[place]), style=style)
    across, beside = border_steps(ours, [], rows, beside=2)
    naive_across, naive_beside = border_steps(
        tiled, list(columns_of_tiles)[1:], list(rows_of_tiles)[1:], beside=2
    )
    return across / beside, naive_across / naive_beside


def edges(megapixels: float, style: str) -> tuple[float, float]:
    """Return how steep the result is at the photo's steepest hundredth, relative to plain enlarging.

    Ours first, then, for the scale, the network's own picture at the working size enlarged by Lanczos
    (1 by definition would be plain cubic enlarging).
    """
    import cv2

    source = of_size(megapixels)
    height, width = source.shape[:2]
    ours, report = painted(source, style=style)
    small = shrunk(source, report.working_size or working_size((width, height), 1280))
    alone, _ = painted(small, style=style, workingSize=2048)
    plain, lanczos = (
        np.asarray(cv2.resize(alone, (width, height), interpolation=way), np.uint8)
        for way in (cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
    )
    steep = _steepness(source)
    chosen = steep > np.quantile(steep, 0.99)
    base = float(_steepness(plain)[chosen].mean())
    return tuple(float(_steepness(made)[chosen].mean()) / base for made in (ours, lanczos))  # type: ignore[return-value]


def _steepness(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    brightness = luma(pixels)
    return np.abs(np.diff(brightness, axis=1))[:-1] + np.abs(np.diff(brightness, axis=0))[:, :-1]
