"""Fill from the picture itself: a layout by PatchMatch, refined along the picture's strata, copied at full size.

In: a crop and its mask. Out: the crop, filled. No learned weights. In four steps, each a module:
`layout` decides at a small size what goes where (pypatchmatch); `pyramid` and `search` carry that to a
working size and find for each pixel where to copy it from, preferring the picture's own layers (`strata`); `tone`
evens out brightness and hue; `copying` takes the real pixels at full size, so that grain and texture are real.

Limits: it copies what the picture shows elsewhere and invents nothing; a hole without anything like its
contents around it is filled plausibly at best, and a striking thing beside the hole may appear twice.
"""

from collections.abc import Callable

import numpy as np

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Inpainter, Words
from steps.backends.inpainting.copying import copy_along
from steps.backends.inpainting.pyramid import plan
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels


class PatchMatch(Inpainter):
    """The default inpainter."""

    descriptor = Descriptor(
        name="patchmatch",
        capability=Capability.INPAINTING,
        summary="PatchMatch along the picture's strata, copied at full size and toned; no weights",
        licence="MIT",
        source="https://gfx.cs.princeton.edu/pubs/Barnes_2009_PAR/",
        requires=("patchmatch", "cv2"),
        memory_mb=250,
        default=True,
        rank=50,
    )

    def __init__(self, threads: int) -> None:
        """Take how many layouts may be tried at a time."""
        self._threads = threads

    @classmethod
    def load(cls, environment: Environment) -> "PatchMatch":
        """Return the inpainter; it has no weights."""
        return cls(environment.threads)

    def inpaint(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill where the mask is above 0; see `Inpainter.inpaint`.

        With nothing to copy from, the hole becomes mid-grey.
        """
        return self._fill(pixels, mask, seed, check_cancelled, forbidden, guessed=False)

    def refine(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill where the mask is above 0, laid out as the guess in `pixels`; see `Inpainter.refine`."""
        return self._fill(pixels, mask, seed, check_cancelled, forbidden, guessed=True)

    def _fill(
        self,
        pixels: Pixels,
        mask: Mask,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None,
        *,
        guessed: bool,
    ) -> Pixels:
        hole = mask > 0
        usable = ~hole if forbidden is None else ~(hole | (forbidden > 0))
        check_cancelled()
        if not hole.any():
            return pixels.copy()
        if not usable.any():
            result = pixels.copy()
            result[hole] = 128
            return result
        found = plan(
            np.ascontiguousarray(pixels),
            hole,
            usable,
            seed=seed,
            threads=self._threads,
            check_cancelled=check_cancelled,
            guessed=guessed,
        )
        check_cancelled()
        return copy_along(found, pixels, hole, usable)
