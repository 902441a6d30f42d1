"""OpenCV's fast marching inpainting: the baseline, quick and smeared; right for holes of a few pixels.

Method: A. Telea, An Image Inpainting Technique Based on the Fast Marching Method, 2004.
"""

from collections.abc import Callable

import numpy as np

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Inpainter, Words
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels

REACH = 5
"""Radius in px of what each filled pixel looks at."""


class Telea(Inpainter):
    """The baseline inpainter."""

    descriptor = Descriptor(
        name="telea",
        capability=Capability.INPAINTING,
        summary="OpenCV's fast marching method: quick, smears; for small holes",
        licence="Apache-2.0",
        source="https://docs.opencv.org/4.x/df/d3d/tutorial_py_inpainting.html",
        requires=("cv2",),
        memory_mb=100,
        default=True,
        rank=10,
    )

    @classmethod
    def load(cls, environment: Environment) -> "Telea":
        """Return the inpainter; it has no weights."""
        return cls()

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
        """Fill where the mask is above 0, `forbidden` too, which is then put back."""
        import cv2

        check_cancelled()
        hole = mask > 0
        unknown = hole if forbidden is None else hole | (forbidden > 0)
        filled = cv2.inpaint(
            np.ascontiguousarray(pixels),
            np.where(unknown, 255, 0).astype(np.uint8),
            REACH,
            cv2.INPAINT_TELEA,
        )
        result = pixels.copy()
        result[hole] = filled[hole]
        return result
