"""Pictures from words by a diffusion model.

In: words, a size. Out: RGB pixels of that size; the model sees sides rounded up to multiples of 16, and what is over
is cut. Models: any folder that diffusers' AutoPipelineForText2Image opens (SD, SDXL, FLUX, …).
Method: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models (2022), by diffusers.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any

from steps.backends.contract import Capability, Descriptor, Painter, Words
from steps.backends.diffusion.options import DiffusionOptions
from steps.backends.diffusion.pipeline import DiffusionBackend
from steps.backends.upscaling.resizing import resize
from steps.imaging.document import Pixels
from steps.models import Located

MULTIPLE = 16
"""Of the sides that a pipeline sees: 8 for the VAE, 16 for FLUX's patches."""


class DiffusionPainter(DiffusionBackend, Painter):
    """Any pipeline of diffusers from text to image."""

    descriptor = Descriptor(
        name="diffusers",
        capability=Capability.DIFFUSION,
        summary="a diffusion model; seconds on a GPU, many minutes without one",
        licence="Apache-2.0",
        source="https://github.com/huggingface/diffusers",
        requires=("torch", "diffusers", "transformers", "accelerate"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=8000,
        size_multiple=MULTIPLE,
        rank=50,
    )
    pipeline_class = "AutoPipelineForText2Image"

    def __init__(
        self, pipeline: Any, located: Located, options: DiffusionOptions, *, device: str
    ) -> None:
        """Take a loaded pipeline, and make the one of the second pass over the same networks."""
        import diffusers

        super().__init__(pipeline, located, options, device=device)
        self._second = diffusers.AutoPipelineForImage2Image.from_pipe(pipeline)
        self._second.set_progress_bar_config(disable=True)

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
        """Paint a picture; see `Painter.paint`."""
        width, height = _rounded(size)
        made = self.draw(
            {"width": width, "height": height},
            words,
            seed=seed,
            steps=steps,
            guidance_scale=guidance_scale,
            check_cancelled=check_cancelled,
        )
        return _cut(made, size)

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
        """Paint over a picture; see `Painter.repaint`."""
        from PIL import Image

        whole = (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0]))
        large = resize(pixels, whole, _rounded(size))
        arguments: dict[str, Any] = {"image": Image.fromarray(large), "strength": strength}
        if "height" in signature(self._second.__call__).parameters:  # FLUX would take its own
            arguments["height"], arguments["width"] = large.shape[:2]
        made = self.draw(
            arguments,
            words,
            seed=seed,
            steps=steps,
            guidance_scale=guidance_scale,
            check_cancelled=check_cancelled,
            pipeline=self._second,
        )
        return _cut(made, size)


def _rounded(size: tuple[int, int]) -> tuple[int, int]:
    width, height = (-(-side // MULTIPLE) * MULTIPLE for side in size)
    return width, height


def _cut(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return the middle of a picture that is up to 15 px too large."""
    top, left = (pixels.shape[0] - size[1]) // 2, (pixels.shape[1] - size[0]) // 2
    return pixels[top : top + size[1], left : left + size[0]].copy()
