"""From a layout at a small size to a plan at a working size, doubling the size and searching anew each time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steps.backends.inpainting.copying import Plan
from steps.backends.inpainting.layout import MANNERS, USUAL, Manner, lay_out
from steps.backends.inpainting.search import Search
from steps.backends.inpainting.strata import strata
from steps.backends.inpainting.tone import correction
from steps.imaging.document import Mask, Pixels

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

LAYOUT_HOLE, LAYOUT_PIXELS = 5_000, 50_000
"""Pixels of the hole and of the whole picture at the layout's size, at most: the library's time grows with both."""
LARGE, LARGER = 0.15, 1.5
"""Share of the picture from which a hole counts as large: its layout is this much larger, and made in several
manners, of which the best counts, since there is little left to hold on to."""
WORKING_HOLE, WORKING_PIXELS = 20_000, 200_000
"""The same at the size at which origins are found."""
MORE_GUESSED = 2.0
"""As many times larger a hole may be where its layout is given: the library's time falls away."""


STRATUM_PRICE, STRATUM_PRICE_LARGE = 500.0, 1500.0
"""What leaving its stratum costs an origin (see `Search`): in the middle of a large hole little else holds it."""


@dataclass(frozen=True, slots=True)
class Level:
    """The picture at one size."""

    pixels: Pixels
    hole: Flags
    usable: Flags
    layers: Floats
    large: bool
    """Whether the hole takes much of the picture."""

    def search(self, rng: np.random.Generator) -> Search:
        """Return a search over this size."""
        price = STRATUM_PRICE_LARGE if self.large else STRATUM_PRICE
        return Search(self.pixels, self.hole, self.usable, self.layers, rng, price)


def plan(
    pixels: Pixels,
    hole: Flags,
    usable: Flags,
    *,
    seed: int,
    threads: int,
    check_cancelled: Callable[[], None],
    guessed: bool = False,
) -> Plan:
    """Decide at a working size what fills the hole.

    Args:
        pixels: RGB uint8 (height, width, 3).
        hole: bool (height, width), at least one true.
        usable: bool (height, width), at least one true, none in the hole.
        seed: of everything random, 32 bits.
        threads: layouts tried at a time; changes nothing but the time.
        check_cancelled: called between the pieces of work, each well under a second.
        guessed: whether `pixels` holds a layout where the hole is, which is then kept to.
    """
    rng = np.random.default_rng(seed)
    levels = _levels(pixels, hole, usable, MORE_GUESSED if guessed else 1.0)
    if guessed:
        filled, search = _found(levels[0], levels[0].pixels, rng)
    else:
        filled, search = _best_layout(levels[0], seed, threads, rng, check_cancelled)
    _settle(search, filled, check_cancelled)
    for level in levels[1:]:
        check_cancelled()
        search = _carried(search, level, rng)
        _settle(search, None, check_cancelled)
    origins = search.origins()
    check_cancelled()
    return Plan(
        filled=search.copied(origins),
        hole=search.hole,
        origins=origins,
        tones=correction(levels[-1].pixels, search.hole, origins),
    )


def sizes(height: int, width: int, hole: int, more: float = 1.0) -> list[tuple[int, int]]:
    """Return the sizes (height, width) to work at, smallest first, each twice the one before.

    Args:
        height: of the picture in px.
        width: of the picture in px.
        hole: px to fill.
        more: as many times larger the hole may be at every size.
    """
    area = height * width
    last = min(1.0, (more * WORKING_HOLE / hole) ** 0.5, (WORKING_PIXELS / area) ** 0.5)
    larger = LARGER if hole >= LARGE * area else 1.0
    first = min(
        1.0, (larger * more * LAYOUT_HOLE / hole) ** 0.5, (larger * LAYOUT_PIXELS / area) ** 0.5
    )
    doublings = max(0, int(np.ceil(np.log2(last / first) - 0.25)))
    shares = [last / 2**k for k in range(doublings, -1, -1)]
    return [(max(1, round(height * share)), max(1, round(width * share))) for share in shares]


def _levels(pixels: Pixels, hole: Flags, usable: Flags, more: float) -> list[Level]:
    large = bool(hole.mean() >= LARGE)
    scales = sizes(hole.shape[0], hole.shape[1], int(hole.sum()), more)
    found: list[Level] = []
    layers: Floats | None = None
    largest = shrink(pixels, scales[-1])
    inner, taken = _touched(hole, scales[-1]), _touched(~usable, scales[-1])
    for size in scales:
        small, known = shrink(largest, size), ~_touched(taken, size)
        gap = _touched(inner, size)
        if not known.any():
            # So small that nothing usable is left whole: take what is usable at all.
            known = _touched(usable, size) & ~gap
        layers = strata(small, ~known) if layers is None else _stretch(layers, size)
        found.append(Level(small, gap, known, layers, large))
    return found


def _best_layout(
    level: Level,
    seed: int,
    threads: int,
    rng: np.random.Generator,
    check_cancelled: Callable[[], None],
) -> tuple[Pixels, Search]:
    """Return the layout whose patches fit best where they are put, and the search that found their origins."""
    manners: Sequence[Manner] = MANNERS if level.large else (USUAL,)
    taboo = ~(level.hole | level.usable)

    def one(manner: Manner) -> Pixels:
        return lay_out(level.pixels, level.hole, taboo, level.layers, seed, manner)

    with ThreadPoolExecutor(max(1, min(threads, len(manners)))) as pool:
        layouts = list(pool.map(one, manners))
    best: tuple[Pixels, Search] | None = None
    for layout in layouts:
        check_cancelled()
        found = _found(level, layout, rng)
        if best is None or found[1].cost.mean() < best[1].cost.mean():
            best = found
    assert best is not None  # noqa: S101 - there is at least one manner
    return best


def _found(level: Level, layout: Pixels, rng: np.random.Generator) -> tuple[Pixels, Search]:
    """Return the layout, and a search that found where its patches may come from."""
    search = level.search(rng)
    search.compare_with(layout)
    reach = max(level.hole.shape) // 2
    search.improve((8, 4, 2, 1), reach)
    search.improve((2, 1), reach)
    search.improve((2, 1), reach)
    return layout, search


def _settle(search: Search, filled: Pixels | None, check_cancelled: Callable[[], None]) -> None:
    """Let the fill and its origins agree: first by the mean of all votes, then by the best one."""
    if filled is not None:
        search.compare_with(filled)
    for _ in range(2):
        check_cancelled()
        search.compare_with(search.mean_of_votes())
        search.improve((2, 1), 8)
    for _ in range(2):
        check_cancelled()
        search.compare_with(search.copied(search.origins()))
        search.improve((2, 1), 4)


def _carried(small: Search, level: Level, rng: np.random.Generator) -> Search:
    """Return the search at the next size, starting from what the last one found."""
    search = level.search(rng)
    tall = search.height / small.height
    wide = search.width / small.width
    row = np.minimum((search.rows / tall).astype(np.intp), small.height - 1)
    column = np.minimum((search.columns / wide).astype(np.intp), small.width - 1)
    number = small.number[row, column]
    known = number >= 0
    origin = small.origin[np.where(known, number, 0)]
    example = level.pixels.copy()
    coarse = _resize(small.copied(small.origins()), level.hole.shape)
    example[level.hole] = coarse[level.hole]
    search.compare_with(example)
    search.start_from(
        np.rint((origin // small.width - row) * tall).astype(np.intp),
        np.rint((origin % small.width - column) * wide).astype(np.intp),
        known,
    )
    search.improve((4, 2, 1), 4)
    return search


def shrink(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the picture at (height, width), each pixel the mean of what it covers."""
    import cv2

    if pixels.shape[:2] == size:
        return pixels
    smaller = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8).reshape(*size, 3)


def _resize(pixels: Pixels, size: tuple[int, ...]) -> Pixels:
    import cv2

    larger = cv2.resize(pixels, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(larger, np.uint8).reshape(*size, 3)


def _stretch(layers: Floats, size: tuple[int, int]) -> Floats:
    import cv2

    larger = cv2.resize(layers, size[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(larger, np.float32) * np.float32(size[0] / layers.shape[0])


def _touched(flags: Flags, size: tuple[int, int]) -> Flags:
    """Return which pixels of the smaller size hold any true one."""
    import cv2

    if flags.shape == size:
        return flags
    marked: Mask = flags.astype(np.uint8) * np.uint8(255)
    smaller = cv2.resize(marked, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(smaller > 0, np.bool_).reshape(size)
