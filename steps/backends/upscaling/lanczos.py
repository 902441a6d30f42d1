"""Lanczos resampling: the baseline without a model, true to the source and soft.

In: RGB pixels. Out: the same at any larger size. Exact in tiles. Method: C. E. Duchon, Lanczos
filtering in one and two dimensions (1979), a = 3, by Pillow.
"""

from collections.abc import Callable

from steps.backends.contract import Capability, Descriptor, Upscaler
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.imaging.document import Pixels


class Lanczos(Upscaler):
    """Resampling only."""

    descriptor = Descriptor(
        name="lanczos",
        capability=Capability.UPSCALING,
        summary="Lanczos resampling: no model, no invented detail, soft edges",
        licence="MIT-CMU",
        source="https://github.com/python-pillow/Pillow",
        requires=("PIL",),
        memory_mb=50,
        default=True,
        rank=10,
    )
    largest_factor = 8.0
    overlap = 4
    bytes_per_pixel = 600
    largest_tile = 1024

    @classmethod
    def load(cls, environment: Environment) -> "Lanczos":
        """Return it; there is nothing to load."""
        return cls()

    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Resample; see `Upscaler.upscale`."""
        check_cancelled()
        return resize(pixels, box, size)
