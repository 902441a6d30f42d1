"""One attempt at a page: what replaces the things, and what is still seen of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steps.anonymize import coarse
from steps.anonymize.mask import Removal
from steps.anonymize.models import Models
from steps.anonymize.parameters import AnonymizeParameters
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
    ) -> Pixels:
        """Return the page with the things replaced; `strength` above 1 blurs and pixelates more coarsely."""
        method = self.parameters.method
        if method == "solid":
            return coarse.cover(self.source, opacity, self.parameters.color)
        if self.models.inpainter is None:
            smooth = method == "blur"
            return coarse.coarsen(self.source, removals, opacity, smooth=smooth, strength=strength)
        return fill(
            self.source,
            opacity,
            self.models.inpainter,
            context,
            seed=seed,
            forbidden=self.forbidden,
        )
