"""A stub: paints a gradient whose colours the words decide. For tests, and for trying the house without a model."""

import hashlib
from collections.abc import Callable

import numpy as np

from steps.backends.contract import Capability, Descriptor, Painter, Words
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.imaging.document import Pixels


class StubPainter(Painter):
    """Paints gradients."""

    descriptor = Descriptor(
        name="stub",
        capability=Capability.DIFFUSION,
        summary="paints a gradient; for tests",
        licence="Apache-2.0",
        source="this package",
        default=True,
        rank=0,
    )

    @classmethod
    def load(cls, environment: Environment) -> "StubPainter":
        """Load nothing."""
        return cls()

    def paint(
        self,
        words: Words,
        *,
        size: tuple[int, int],
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Paint a gradient; see `Painter.paint`."""
        check_cancelled()
        digest = hashlib.sha256(repr((words, seed, steps, guidance_scale)).encode()).digest()
        first, last = np.frombuffer(digest[:6], np.uint8).reshape(2, 3).astype(np.float32)
        share = np.linspace(0, 1, size[1], dtype=np.float32)[:, None, None]
        column = first + (last - first) * share
        return np.asarray(np.rint(np.broadcast_to(column, (size[1], size[0], 3))), np.uint8)

    def repaint(
        self,
        pixels: Pixels,
        words: Words,
        *,
        size: tuple[int, int],
        strength: float,
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Mix another gradient in; see `Painter.repaint`."""
        check_cancelled()
        whole = (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0]))
        return resize(pixels, whole, size)
