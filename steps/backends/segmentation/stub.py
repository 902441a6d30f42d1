"""A stub: takes the ellipse inside the box. For tests, and for trying the house without a model."""

import numpy as np

from steps.backends.contract import Box, Capability, Descriptor, Segmenter
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels


class StubSegmenter(Segmenter):
    """Marks an ellipse."""

    descriptor = Descriptor(
        name="stub",
        capability=Capability.SEGMENTATION,
        summary="takes the ellipse inside the box; for tests",
        licence="Apache-2.0",
        source="this package",
        default=True,
        rank=0,
    )

    @classmethod
    def load(cls, environment: Environment) -> "StubSegmenter":
        """Return the stub."""
        return cls()

    def segment(self, pixels: Pixels, box: Box) -> Mask:
        """Mark the ellipse inside `box`; see `Segmenter.segment`."""
        height, width = pixels.shape[:2]
        y, x = np.ogrid[:height, :width]
        across = (x + 0.5 - (box.x0 + box.x1) / 2) / max(box.width / 2, 0.5)
        down = (y + 0.5 - (box.y0 + box.y1) / 2) / max(box.height / 2, 0.5)
        return np.where(across**2 + down**2 <= 1, 255, 0).astype(np.uint8)
