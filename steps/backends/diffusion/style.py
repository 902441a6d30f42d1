"""Styles by words, by a style picture, or by both: a diffusion model paints over the picture.

In: RGB pixels; words, a style picture, or both. Out: pixels of the same shape. `denoise` says how much is made anew:
a low share keeps the forms. The model sees the picture at its own size, but at no less than `side` × `side` px and no
more than twice that area. A LoRA of a style is the model set's. Models: any folder that diffusers'
AutoPipelineForImage2Image opens; a style picture needs SD or SDXL and an IP-Adapter, a ControlNet holds on to forms.
Method: Meng et al., SDEdit (2022), by diffusers.
"""

import math
from collections.abc import Callable
from inspect import signature
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Stylizer, Words
from steps.backends.diffusion.control import Control, loaded, shown
from steps.backends.diffusion.ip_adapter import IpAdapter, attach, hear
from steps.backends.diffusion.opening import loras_of, opened
from steps.backends.diffusion.options import DiffusionOptions
from steps.backends.diffusion.pipeline import DiffusionBackend, fitting
from steps.backends.torch_runtime import device_of, precision_of
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.errors import InvalidParameters
from steps.imaging.document import Pixels
from steps.models import Located

MULTIPLE = 16
"""Of the sides that a pipeline sees: 8 for the VAE, 16 for FLUX's patches."""
LARGEST = math.sqrt(2)
"""Times `side`: twice the area that the model was trained on; the picture itself keeps the forms together."""


class StyleOptions(DiffusionOptions):
    """Options of a model that paints styles."""

    denoise: Annotated[float, Field(ge=0.05, le=1)] = 0.5
    """How much is made anew where the caller says nothing."""
    ip_adapter: IpAdapter | None = None
    """What reads style pictures; none takes words alone."""
    control: Control | None = None
    """What keeps the forms together where much is made anew."""

    @model_validator(mode="after")
    def _adapter_keeps_its_attention(self) -> Self:
        if self.ip_adapter is not None and self.fuse_qkv:
            raise ValueError("fuseQkv takes the place of an ipAdapter's attention; leave out one")
        return self


class DiffusionStylizer(DiffusionBackend, Stylizer):
    """Any pipeline of diffusers from image to image."""

    descriptor = Descriptor(
        name="diffusers-style",
        capability=Capability.STYLIZATION,
        summary="a diffusion model: a style by words, by a picture, or by both; for a GPU",
        licence="Apache-2.0",
        source="https://github.com/huggingface/diffusers",
        requires=("torch", "diffusers", "transformers", "accelerate"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=8000,
        size_multiple=MULTIPLE,
    )
    pipeline_class = "AutoPipelineForImage2Image"
    takes_pictures = True
    takes_words = True

    _options: StyleOptions

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "DiffusionStylizer":
        """Open the pipeline and its adapter; see `ModelBackend.load_model`."""
        import diffusers

        device = device_of(environment)
        options = StyleOptions.of(located.model)
        dtype = precision_of(environment, device, half=options.half, bfloat16=True)
        kind, adapter = getattr(diffusers, cls.pipeline_class), options.ip_adapter
        beside, parts = {}, []
        if options.control is not None:
            beside["controlnet"], found = loaded(options.control, environment, dtype=dtype)
            parts.append(found)
        alone = adapter is not None or bool(beside)
        pipeline = opened(
            kind, located, options, environment, dtype=dtype, shared=not alone, beside=beside
        )
        if adapter is not None:
            parts.append(attach(pipeline, adapter, environment, dtype=dtype))
        parts += loras_of(options, environment)
        return cls(pipeline, located, options, device=device).with_parts(parts)

    def stylize(
        self,
        pixels: Pixels,
        style: str | Pixels | None,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        words: Words = NO_WORDS,
        denoise: float | None = None,
    ) -> Pixels:
        """Paint over a picture; see `Stylizer.stylize`.

        Raises:
            InvalidParameters: a style picture is given, and the model has no IP-Adapter.
        """
        if isinstance(style, str):
            raise TypeError("diffusers-style takes words or a picture, no name of a style")
        height, width = pixels.shape[:2]
        share = self._options.denoise if denoise is None else denoise
        seen = self._seen(width, height)
        made = self.draw(
            self._arguments(_resized(pixels, seen), share, style),
            words,
            seed=seed,
            steps=max(self._options.steps, math.ceil(1.001 / share)),  # of them one is run at least
            guidance_scale=None,
            check_cancelled=check_cancelled,
            before=lambda: self._hear(style is not None),
        )
        return _resized(made, (width, height))

    def _seen(self, width: int, height: int) -> tuple[int, int]:
        side = self._options.side
        own = math.sqrt(width * height)
        return fitting(width, height, round(min(max(side, own), LARGEST * side)), MULTIPLE)

    def _arguments(self, picture: Pixels, share: float, style: Pixels | None) -> dict[str, Any]:
        from PIL import Image

        arguments: dict[str, Any] = {"image": Image.fromarray(picture), "strength": share}
        if (
            "height" in signature(self._pipeline.__call__).parameters
        ):  # FLUX would shrink it to a square
            arguments["height"], arguments["width"] = picture.shape[:2]
        if self._options.control is not None:
            control = self._options.control
            arguments["control_image"] = Image.fromarray(shown(picture, control))
            arguments["controlnet_conditioning_scale"] = control.scale
        if self._options.ip_adapter is not None:
            heard = picture if style is None else style  # the adapter wants one, heard or not
            arguments["ip_adapter_image"] = Image.fromarray(heard)
        elif style is not None:
            raise InvalidParameters(
                f"the model {self.descriptor.model!r} has no IP-Adapter, so it takes no style picture; "
                "say the style in words, or name one in the model's option ipAdapter",
                pointer="/backend",
            )
        return arguments

    def _hear(self, picture: bool) -> None:
        if self._options.ip_adapter is not None:
            hear(self._pipeline, self._options.ip_adapter, picture=picture)


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    height, width = pixels.shape[:2]
    return resize(pixels, (0.0, 0.0, float(width), float(height)), size)
