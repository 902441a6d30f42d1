"""A stub: fills with the mean colour of what is known. For tests, and for trying the house without a model."""

from collections.abc import Callable

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Inpainter, Words
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels


class StubInpainter(Inpainter):
    """Fills with one colour."""

    descriptor = Descriptor(
        name="stub",
        capability=Capability.INPAINTING,
        summary="fills with the mean colour of the rest; for tests",
        licence="Apache-2.0",
        source="this package",
        default=True,
        rank=0,
    )

    @classmethod
    def load(cls, environment: Environment) -> "StubInpainter":
        """Return the stub."""
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
        """Fill where the mask is above 0; see `Inpainter.inpaint`."""
        check_cancelled()
        hole = mask > 0
        known = ~hole if forbidden is None else ~(hole | (forbidden > 0))
        result = pixels.copy()
        result[hole] = pixels[known].mean(axis=0).round() if known.any() else 128
        return result
