"""Looking at one page, with its zones: what is to go, and what a zone protects."""

from steps.anonymize.detect import find
from steps.anonymize.memory import Memory
from steps.anonymize.models import Models
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.zones import zone_mask
from steps.backends.contract import Box, Detection
from steps.contract import Context
from steps.imaging.document import Mask, Pixels

KEPT_SHARE = 0.5
"""What lies in a keep zone by more than this share of its box is left alone."""


class Look:
    """The looks at one page; remembers what the first one left alone."""

    def __init__(
        self, size: tuple[int, int], models: Models, parameters: AnonymizeParameters
    ) -> None:
        """Take the page's size (width, height) in px, and what to look for with which detectors."""
        width, height = size
        self._models, self._parameters = models, parameters
        zones = parameters.keep_zones
        self.keep = zone_mask(zones, width, height) if zones else None
        """uint8 (height, width), 255 = never changed; None where nothing is kept."""
        self._memory = Memory()
        self.left_alone: tuple[Detection, ...] = ()
        """What a zone protects, of the first look."""

    def first(self, pixels: Pixels, context: Context) -> list[Detection]:
        """Look at the source: return what is to go, highest score first."""
        with context.phase("detect"):
            going, protected = self._look(pixels, context)
        self.left_alone = tuple(protected)
        return going

    def doubtful(
        self, pixels: Pixels, place: Mask, scale: float, context: Context
    ) -> list[Detection]:
        """Look at the source more critically: return what touches a place at `scale` times the threshold.

        Args:
            pixels: the source, RGB uint8 (height, width, 3).
            place: uint8 (height, width), above 0 = there.
            scale: factor on every threshold.
            context: for cancellation and timing.
        """
        with context.phase("detect"):
            going, _ = self._look(pixels, context, changed=place, threshold_scale=scale)
        return [found for found in going if _under(found.box, place).any()]

    def again(self, pixels: Pixels, opacity: Mask | None, context: Context) -> list[Detection]:
        """Look at a result (None: at all of it): return what is still seen and should have gone."""
        with context.phase("verify"):
            going, _ = self._look(pixels, context, changed=opacity)
        return going

    def _look(
        self,
        pixels: Pixels,
        context: Context,
        changed: Mask | None = None,
        threshold_scale: float = 1.0,
    ) -> tuple[list[Detection], list[Detection]]:
        found = find(
            pixels,
            detectors=self._models.detectors,
            parameters=self._parameters,
            context=context,
            changed=changed,
            threshold_scale=threshold_scale,
            memory=self._memory,
        )
        kept = [d for d in found.detections if self._is_kept(d.box)]
        return [d for d in found.detections if d not in kept], [*found.ignored, *kept]

    def _is_kept(self, box: Box) -> bool:
        if self.keep is None:
            return False
        return bool((_under(box, self.keep) > 0).mean() > KEPT_SHARE)


def _under(box: Box, mask: Mask) -> Mask:
    """Return the part of a mask that lies under a box; at least one pixel."""
    x0, y0 = min(int(box.x0), mask.shape[1] - 1), min(int(box.y0), mask.shape[0] - 1)
    return mask[y0 : max(y0 + 1, int(box.y1)), x0 : max(x0 + 1, int(box.x1))]
