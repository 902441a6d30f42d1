"""Any upscaler that spandrel knows (ESRGAN, Compact, SwinIR, HAT, DAT, …), by file, on torch.

In: RGB pixels. Out: any size up to the network's own scale; a network that only restores (scale 1) is followed by
Lanczos. Without a file of one's own it is Real-ESRGAN's x4plus, from the same files as the default tier's.
Options in a model set: `overlap`, px of the source round a tile (64); `bytesPerPixel`, of memory for each px of a
window, where the estimate is wrong. Source: https://github.com/chaiNNer-org/spandrel, MIT.
"""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from steps.backends.contract import Capability, Descriptor, Upscaler
from steps.backends.model_options import Options
from steps.backends.spandrel_files import opened
from steps.backends.torch_backend import TorchBackend
from steps.backends.torch_pixels import pixels_of, tensor_of
from steps.backends.torch_runtime import device_of, precision_of
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.models import Located

LARGEST_OF_RESTORERS = 8.0
"""Factor of one pass of a network that does not enlarge: Lanczos does, as far as the step goes."""


class SpandrelOptions(Options):
    """What a model set may decide."""

    overlap: int = Field(default=64, ge=4, le=512)
    """Px of the source round a tile that the network sees too."""
    bytes_per_pixel: int = Field(default=0, ge=0)
    """Memory for each px of a window; 0: estimated from scale and precision."""


class Spandrel(TorchBackend, Upscaler):
    """A network by file."""

    descriptor = Descriptor(
        name="spandrel",
        capability=Capability.UPSCALING,
        summary="Any upscaler that spandrel knows, by file; Real-ESRGAN x4plus without one; made for a GPU",
        licence="MIT",
        source="https://github.com/chaiNNer-org/spandrel",
        requires=("torch", "spandrel"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=1500,
        gpu_rank=70,
    )
    largest_factor = 4.0
    overlap = 64
    bytes_per_pixel = 16_000
    largest_tile = 1024

    def __init__(self, network: Any, located: Located, *, device: str, dtype: Any) -> None:
        """Take spandrel's descriptor of a network, where it came from, and what to calculate in."""
        import torch

        options = SpandrelOptions.of(located.model)
        network.model.to(dtype=dtype, memory_format=torch.channels_last)
        super().__init__((network.model,), located, device=device)
        self._network, self._dtype = network, dtype
        self.overlap = options.overlap
        self.largest_factor = float(network.scale) if network.scale > 1 else LARGEST_OF_RESTORERS
        self.bytes_per_pixel = options.bytes_per_pixel or _estimate(network.scale, dtype.itemsize)

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "Spandrel":
        """Open the network; see `ModelBackend.load_model`."""
        network = opened(located, ("SR", "Restoration"))
        device = device_of(environment)
        dtype = precision_of(
            environment, device, half=network.supports_half, bfloat16=network.supports_bfloat16
        )
        return cls(network, located, device=device, dtype=dtype)

    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Run the network on the window and bring the part to its size; see `Upscaler.upscale`."""

        def work() -> Pixels:
            import torch

            seen = tensor_of(pixels, device=self._device, dtype=self._dtype)
            return pixels_of(self._network(seen.to(memory_format=torch.channels_last)))

        large = self.in_turn(work, check_cancelled)
        scale = self._network.scale
        x0, y0, x1, y1 = (scale * side for side in box)
        return resize(large, (x0, y0, x1, y1), size)


def _estimate(scale: int, itemsize: int) -> int:
    """Bytes for each px of a window: three layers of 64 channels at the result's size, twelve at the source's."""
    return itemsize * 64 * (3 * scale * scale + 12)
