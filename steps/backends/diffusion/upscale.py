"""×4 by a diffusion model that invents fine detail: for small or damaged pictures, not for faithful ones.

In: RGB pixels. Out: any size up to four times. Each window is painted on its own, from the same noise, so the detail of
neighbouring tiles may differ at their borders (the report's seam says by how much): give it memory for large tiles.
Models: folders that diffusers' StableDiffusionUpscalePipeline opens; memory per pixel is an estimate.
Method: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models (2022), by diffusers.
"""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Upscaler
from steps.backends.diffusion.opening import opened
from steps.backends.diffusion.options import DiffusionOptions
from steps.backends.diffusion.pipeline import DiffusionBackend
from steps.backends.torch_runtime import device_of, precision_of
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.models import Located

MULTIPLE = 8
"""Of the sides that the UNet sees: it halves them three times."""


class UpscaleOptions(DiffusionOptions):
    """Options of a model that enlarges."""

    noise_level: Annotated[int, Field(ge=0, le=350)] = 20
    """How much noise the picture gets first: more invents more."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Of the noise; the same for every tile."""
    tiled_vae: bool = True
    """Decode in tiles that are blended: a quarter of the memory, a little slower."""
    overlap: Annotated[int, Field(ge=8, le=256)] = 32
    """Px of the source round a tile that the model sees too."""
    bytes_per_pixel: Annotated[int, Field(ge=1000)] = 20_000
    """Memory for each px of a window."""


class DiffusionUpscaler(DiffusionBackend, Upscaler):
    """A pipeline of diffusers that enlarges."""

    descriptor = Descriptor(
        name="diffusers-upscale",
        capability=Capability.UPSCALING,
        summary="a diffusion model: invents fine detail, ×4; for a GPU",
        licence="Apache-2.0",
        source="https://github.com/huggingface/diffusers",
        requires=("torch", "diffusers", "transformers", "accelerate"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=4000,
    )
    pipeline_class = "StableDiffusionUpscalePipeline"
    largest_factor = 4.0
    overlap = 32
    bytes_per_pixel = 20_000
    largest_tile = 512

    _options: UpscaleOptions

    def __init__(
        self, pipeline: Any, located: Located, options: UpscaleOptions, *, device: str
    ) -> None:
        """Take a loaded pipeline and put it on "cuda" or "cpu"."""
        super().__init__(pipeline, located, options, device=device)
        self.overlap, self.bytes_per_pixel = options.overlap, options.bytes_per_pixel
        self._scale = 2 ** (len(pipeline.vae.config.block_out_channels) - 1)
        self.largest_factor = float(self._scale)
        if options.tiled_vae:
            pipeline.vae.enable_tiling()

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "DiffusionUpscaler":
        """Open the pipeline; see `ModelBackend.load_model`."""
        import diffusers

        device = device_of(environment)
        options = UpscaleOptions.of(located.model)
        dtype = precision_of(environment, device, half=options.half, bfloat16=True)
        kind = getattr(diffusers, cls.pipeline_class)
        pipeline = opened(kind, located, options, environment, dtype=dtype)
        return cls(pipeline, located, options, device=device)

    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Paint the window large and bring the part to its size; see `Upscaler.upscale`."""
        from PIL import Image

        large = self.draw(
            {"image": Image.fromarray(_padded(pixels)), "noise_level": self._options.noise_level},
            NO_WORDS,
            seed=self._options.seed,
            steps=None,
            guidance_scale=None,
            check_cancelled=check_cancelled,
        )
        x0, y0, x1, y1 = (self._scale * side for side in box)
        return resize(large, (x0, y0, x1, y1), size)


def _padded(pixels: Pixels) -> Pixels:
    """Return the window with its last row and column repeated to sides that fit."""
    below, right = (-side % MULTIPLE for side in pixels.shape[:2])
    return np.pad(pixels, ((0, below), (0, right), (0, 0)), mode="edge")
