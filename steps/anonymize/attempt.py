"""One attempt at a page: what replaces the things, and what is still seen of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steps.anonymize import coarse
from steps.anonymize.mask import Removal
from steps.anonymize.models import Models
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.pieces import touched_by
from steps.backends.contract import Detection
from steps.contract import Context
from steps.fill import fill
from steps.imaging.document import Mask, Pixels


@dataclass(frozen=True, slots=True)
class Attempt:
    """A page after filling."""

    pixels: Pixels
    """RGB uint8 (height, width, 3)."""
    opacity: Mask
    """uint8 (height, width), above 0 = may differ from the source."""
    residual: tuple[Detection, ...] = ()
    """What is still seen."""

    @property
    def mask(self) -> Mask:
        """uint8 (height, width), 255 = may differ from the source."""
        return np.where(self.opacity > 0, 255, 0).astype(np.uint8)

    def covered(self, covering: Mask, color: str) -> "Attempt":
        """Return the attempt with one colour (#rrggbb) wherever `covering` is above 0."""
        pixels = coarse.cover(self.pixels, covering, color)
        return Attempt(pixels, np.maximum(self.opacity, covering))


@dataclass(frozen=True, slots=True)
class Replacement:
    """How things are replaced on one page."""

    source: Pixels
    models: Models
    parameters: AnonymizeParameters
    forbidden: Mask
    """uint8 (height, width), above 0 = must not be copied from: what zones protect would stand there twice."""

    def make(
        self,
        removals: Sequence[Removal],
        opacity: Mask,
        context: Context,
        *,
        seed: int,
        strength: float,
        before: Attempt | None = None,
    ) -> Pixels:
        """Return the page with things replaced.

        Args:
            removals: all of the page; those that `opacity` does not touch are left out.
            opacity: uint8 (height, width), above 0 = to be replaced now.
            context: for progress and cancellation.
            seed: of everything random.
            strength: above 1 blurs and pixelates more coarsely.
            before: what stays where `opacity` is 0; None leaves the source there.
        """
        base, forbidden = self.source, self.forbidden
        if before is not None:
            base = np.where((opacity > 0)[..., np.newaxis], self.source, before.pixels)
            # What an earlier round made up is no part of the picture: nothing is copied from it.
            forbidden = np.maximum(forbidden, np.where(opacity > 0, 0, before.mask))
        method = self.parameters.method
        if method == "solid":
            return coarse.cover(base, opacity, self.parameters.color)
        if self.models.inpainter is None:
            smooth = method == "blur"
            here = [
                removal
                for removal, touched in zip(removals, touched_by(removals, opacity), strict=True)
                if touched
            ]
            return coarse.coarsen(base, here, opacity, smooth=smooth, strength=strength)
        return fill(base, opacity, self.models.inpainter, context, seed=seed, forbidden=forbidden)
