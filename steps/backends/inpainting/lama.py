"""LaMa: large masks filled in one pass, structure continued where copying patches cannot.

In: a crop and its mask. Out: the crop, filled; pixels outside the mask are the caller's own. The network was
trained at 256 px and fills well up to about 1000; larger crops are filled from small to large, each size held to
the one before (`lama_refinement`). Options in a model set: `largestSide`, longest side in px that the network sees
(2048 on a GPU, 768 on a CPU; beyond it the fill is enlarged), `refineSteps` (15 on a GPU, 0 on a CPU).
Method: Suvorov et al., Resolution-robust Large Mask Inpainting with Fourier Convolutions (2022),
https://github.com/advimman/lama, Apache-2.0; network: spandrel. It runs in float32: Fourier transforms need it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import Field

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Inpainter, Words
from steps.backends.inpainting.lama_refinement import fill_in_sizes, sizes_of
from steps.backends.model_options import Options
from steps.backends.spandrel_files import opened
from steps.backends.torch_backend import TorchBackend
from steps.backends.torch_pixels import pixels_of, tensor_of
from steps.backends.torch_runtime import device_of
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels
from steps.models import Located


class LamaOptions(Options):
    """What a model set may decide."""

    largest_side: int | None = Field(default=None, ge=64, le=8192)
    """Longest side in px that the network sees."""
    refine_steps: int | None = Field(default=None, ge=0, le=100)
    """Steps of the refinement at each size above the first; 0 fills the largest size at once."""


class Lama(TorchBackend, Inpainter):
    """LaMa from TorchScript or safetensors."""

    descriptor = Descriptor(
        name="lama",
        capability=Capability.INPAINTING,
        summary="LaMa: fills large holes in one pass and continues structure; seconds on a CPU, quick on a GPU",
        licence="Apache-2.0",
        source="https://github.com/advimman/lama",
        requires=("torch", "spandrel"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=3000,
        size_multiple=8,
        gpu_rank=60,
    )

    def __init__(self, network: Any, located: Located, *, device: str) -> None:
        """Take spandrel's descriptor of the network, where it came from, and "cpu" or "cuda"."""
        super().__init__((network.model,), located, device=device)
        options, gpu = LamaOptions.of(located.model), device == "cuda"
        self._network = network
        self._largest = options.largest_side or (2048 if gpu else 768)
        steps = options.refine_steps
        self._steps = (15 if gpu else 0) if steps is None else steps

    @classmethod
    def load_model(cls, located: Located, environment: Environment) -> "Lama":
        """Open the network; see `ModelBackend.load_model`."""
        return cls(opened(located, ("Inpainting",)), located, device=device_of(environment))

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
        """Fill where the mask is 255; see `Inpainter.inpaint`. It copies nothing, so nothing is forbidden."""
        inside = mask >= 128
        if not inside.any():
            return pixels.copy()
        sizes = sizes_of(pixels.shape[1], pixels.shape[0], largest=self._largest)
        if self._steps == 0:
            sizes = sizes[-1:]
        hole = np.where(inside, np.uint8(255), np.uint8(0))

        def work() -> Pixels:
            picture = tensor_of(pixels, device=self._device)
            marked = tensor_of(hole, device=self._device)
            filled = fill_in_sizes(
                self._network, picture, marked, sizes, self._steps, check_cancelled
            )
            return pixels_of(filled)

        filled = self.in_turn(work, check_cancelled)
        height, width = pixels.shape[:2]
        if filled.shape != pixels.shape:
            box = (0.0, 0.0, float(filled.shape[1]), float(filled.shape[0]))
            filled = resize(filled, box, (width, height))
        result = pixels.copy()
        result[inside] = filled[inside]
        return result
