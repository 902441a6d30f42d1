"""Nearest neighbour: every pixel of the result is one of the source's.

For unit tests, and for pixel art, where nothing may be smoothed.
"""

from collections.abc import Callable

import numpy as np

from steps.backends.contract import Capability, Descriptor, Upscaler
from steps.environment import Environment
from steps.imaging.document import Pixels


class StubUpscaler(Upscaler):
    """Repeats pixels; exact in tiles of any size."""

    descriptor = Descriptor(
        name="stub",
        capability=Capability.UPSCALING,
        summary="Repeats pixels (nearest neighbour); for tests and pixel art",
        licence="Apache-2.0",
        source="this package",
        default=True,
    )
    largest_factor = 4.0
    overlap = 4
    bytes_per_pixel = 64
    largest_tile = 1024

    @classmethod
    def load(cls, environment: Environment) -> "StubUpscaler":
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
        """Take the pixel under the centre of each new one; see `Upscaler.upscale`."""
        check_cancelled()
        x = box[0] + (np.arange(size[0]) + 0.5) * ((box[2] - box[0]) / size[0])
        y = box[1] + (np.arange(size[1]) + 0.5) * ((box[3] - box[1]) / size[1])
        rows, columns = np.floor(y + 1e-6).astype(np.intp), np.floor(x + 1e-6).astype(np.intp)
        part: Pixels = pixels[rows[:, None], columns]
        return part
