"""What every backend on diffusers does alike: one call at a time, seeded, stopped within one denoising step."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np

from steps import models
from steps.backends.contract import Words
from steps.backends.diffusion.opening import loras_of, networks, opened
from steps.backends.diffusion.options import DiffusionOptions
from steps.backends.diffusion.schedulers import scheduler_for
from steps.backends.torch_backend import TorchBackend
from steps.backends.torch_runtime import device_of, precision_of
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.models import Located


class DiffusionBackend(TorchBackend):
    """A backend over one pipeline. The scheduler is made anew for each call; calls take turns."""

    pipeline_class: str
    """Name of diffusers' AutoPipelineFor… class."""

    def __init__(
        self, pipeline: Any, located: Located, options: DiffusionOptions, *, device: str
    ) -> None:
        """Take a loaded pipeline and put it on "cuda" or "cpu"."""
        self._pipeline, self._options = pipeline, options
        self._own = pipeline.scheduler
        self._lightness = 0
        super().__init__(tuple(networks(pipeline).values()), located, device=device)
        if device == "cuda":
            self._quicken()

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "DiffusionBackend":
        """Open the pipeline; see `ModelBackend.load_model`."""
        import diffusers

        device = device_of(environment)
        options = DiffusionOptions.of(located.model)
        dtype = precision_of(environment, device, half=options.half, bfloat16=True)
        kind = getattr(diffusers, cls.pipeline_class)
        pipeline = opened(kind, located, options, environment, dtype=dtype)
        return cls(pipeline, located, options, device=device).with_parts(
            loras_of(options, environment)
        )

    def with_parts(self, parts: Iterable[Located]) -> Self:
        """Name what was loaded into the networks too (LoRAs, adapters) in the reports; return itself."""
        used = tuple(use for part in parts for use in models.use(part))
        self.descriptor = replace(self.descriptor, files=(*self.descriptor.files, *used))
        return self

    def lighten(self) -> bool:
        """Decode picture by picture, then tile by tile; see `Backend.lighten`."""
        self._lightness += 1
        vae = getattr(self._pipeline, "vae", None)
        if vae is None or self._lightness > 2:
            return False
        if self._lightness == 1:
            vae.enable_slicing()
        else:
            vae.enable_tiling()
        return True

    def draw(
        self,
        arguments: Mapping[str, Any],
        words: Words,
        *,
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
        pipeline: Any = None,
        before: Callable[[], None] | None = None,
    ) -> Pixels:
        """Call the pipeline for one picture.

        Args:
            arguments: what this kind of pipeline takes beside the following.
            words: what is wanted and not wanted; the model's own where empty.
            seed: of the noise; drawn on the CPU, so that it is the same on every device.
            steps: denoising steps; None takes the model's.
            guidance_scale: how much the words count; None takes the model's.
            check_cancelled: called after every denoising step; raises `Cancelled`.
            pipeline: another one over the same networks; None is the one that was loaded.
            before: sets what is state of the networks; called in turn, right before the pipeline.

        Returns:
            RGB uint8 (height, width, 3), of the size that the pipeline was asked for.
        """
        import torch

        chosen = pipeline or self._pipeline

        def work() -> Pixels:
            if before is not None:
                before()
            chosen.scheduler = scheduler_for(self._options.scheduler, self._own)
            made = chosen(
                **arguments,
                **self._said(chosen, words),
                num_inference_steps=steps or self._options.steps,
                guidance_scale=self._guidance(guidance_scale),
                generator=torch.Generator("cpu").manual_seed(seed),
                output_type="np",
                **_asking(chosen, check_cancelled),
            ).images[0]
            scaled = np.rint(made.astype(np.float32) * 255)
            return np.asarray(np.clip(scaled, 0, 255), np.uint8)

        return self.in_turn(work, check_cancelled)

    def _guidance(self, wanted: float | None) -> float:
        return self._options.guidance_scale if wanted is None else wanted

    def _said(self, pipeline: Any, words: Words) -> dict[str, str]:
        """Return the words as the pipeline takes them; not every kind knows unwanted ones."""
        import inspect

        said = {"prompt": words.prompt or self._options.prompt}
        if "negative_prompt" in inspect.signature(pipeline.__call__).parameters:
            said["negative_prompt"] = words.negative_prompt or self._options.negative_prompt
        return said

    def _quicken(self) -> None:
        """Turn on what the model set wants; each switch's gain is measured by `benchmarks.gpu`."""
        import torch

        network = getattr(self._pipeline, "unet", None)
        if network is None:
            network = self._pipeline.transformer
        if self._options.channels_last:
            network.to(memory_format=torch.channels_last)
        if self._options.fuse_qkv:
            self._pipeline.fuse_qkv_projections()
        if self._options.compile:
            network.compile_repeated_blocks(fullgraph=True)


def _asking(pipeline: Any, check_cancelled: Callable[[], None]) -> dict[str, Any]:
    """Return what makes a pipeline ask after every step whether to stop; older kinds have another way."""
    import inspect

    def after_step(_pipeline: Any, _step: int, _timestep: Any, tensors: Any) -> Any:
        check_cancelled()
        return tensors

    def after_older_step(_step: int, _timestep: Any, _latents: Any) -> None:
        check_cancelled()

    if "callback_on_step_end" in inspect.signature(pipeline.__call__).parameters:
        return {"callback_on_step_end": after_step}
    return {"callback": after_older_step, "callback_steps": 1}


def fitting(width: int, height: int, side: int, multiple: int) -> tuple[int, int]:
    """Return the size at which a model sees a picture: its aspect, about side × side px, multiples of `multiple`.

    Args:
        width: of the picture, px.
        height: of the picture, px.
        side: px of the square whose area is wanted.
        multiple: both results are multiples of it, and at least it.
    """
    scale = side / (width * height) ** 0.5
    return (
        max(multiple, round(width * scale / multiple) * multiple),
        max(multiple, round(height * scale / multiple) * multiple),
    )
