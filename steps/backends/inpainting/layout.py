"""The layout of a fill at a small size, by the library pypatchmatch: what goes where, not yet how it looks.

The library (MIT; PatchMatch, Barnes et al., SIGGRAPH 2009, with the completeness of Wexler et al., PAMI 2007)
is fast and finds structure from nothing. It is told to keep to the strata of the picture, by its regularity
map. One call cannot be cancelled; the small size keeps it under a second.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steps.imaging.document import Pixels

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the library is to look."""

    radius: int
    """Radius of its patches in px."""
    guidance: float
    """Weight of the strata beside the patches' likeness."""


USUAL = Manner(3, 0.03)
"""For holes with enough of the picture round them."""
MANNERS = (USUAL, Manner(4, 0.1), Manner(3, 0.1), Manner(4, 0.03))
"""For holes that take much of the picture: which of them serves best differs from scene to scene."""


class _Seeds:
    """Lets calls with one seed run side by side, and keeps those with another waiting.

    The library has one seed for the whole process, which each call reads when it starts; after that
    each thread has a generator of its own, so calls with the same seed do not disturb one another.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._seed: int | None = None
        self._running = 0

    @contextmanager
    def using(self, seed: int) -> Iterator[None]:
        """Hold the library's seed at `seed` (32 bits) meanwhile."""
        import patchmatch

        with self._change:
            self._change.wait_for(lambda: self._running == 0 or self._seed == seed)
            if self._running == 0:
                patchmatch.set_random_seed(seed)
                self._seed = seed
            self._running += 1
        try:
            yield
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()


_seeds = _Seeds()


def lay_out(
    pixels: Pixels, hole: Flags, taboo: Flags, layers: Floats, seed: int, manner: Manner
) -> Pixels:
    """Return the picture with a first fill.

    Args:
        pixels: RGB uint8 (height, width, 3).
        hole: bool (height, width), to fill.
        taboo: bool (height, width), outside the hole: neither copied from nor continued.
        layers: strata, (height, width), growing downwards.
        seed: of the library's search, 32 bits.
        manner: how to look.
    """
    import cv2
    import patchmatch

    marked = np.where(hole, 255, 0).astype(np.uint8)
    if min(hole.shape) <= 2 * manner.radius + 1 or (hole | taboo).all():
        smeared: Pixels = cv2.inpaint(pixels, marked, 3, cv2.INPAINT_TELEA).astype(np.uint8)
        return smeared
    guide = np.zeros((*hole.shape, 3), np.float32)
    # Up to half: the library takes the map for periodic, with a period of one.
    spread = max(1e-6, float(np.ptp(layers)))
    guide[..., 0] = (layers - layers.min()) / spread / 2
    with _seeds.using(seed):
        return np.asarray(
            patchmatch.inpaint_regularity(
                pixels,
                marked,
                guide,
                global_mask=np.where(taboo & ~hole, 255, 0).astype(np.uint8)
                if taboo.any()
                else None,
                patch_size=manner.radius,
                guide_weight=manner.guidance,
            ),
            dtype=np.uint8,
        )
