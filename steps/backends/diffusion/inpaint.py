"""Holes filled by a diffusion model, by words or by none.

In: a crop, its mask. Out: the crop, filled; pixels outside the mask are the caller's own, bit for bit: what the
pipeline makes of them is dropped. The crop is seen at about `side` × `side` px (1024 for SDXL); a larger one gets
a softer fill, enlarged by Lanczos. Models: any folder that diffusers' AutoPipelineForInpainting opens (SD, SDXL,
FLUX, …), trained for inpainting or not; none is installed, `retusche models pull` fetches one.
Method: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models (2022), by diffusers.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Inpainter, Words
from steps.backends.diffusion.pipeline import DiffusionBackend, fitting
from steps.backends.upscaling.resizing import resize
from steps.imaging.document import Mask, Pixels

MULTIPLE = 16
"""Of the sides that a pipeline sees: 8 for the VAE, 16 for FLUX's patches."""
WHOLE = 0.999
"""Strength of a first fill. At 1 some pipelines of ordinary models start from noise that forgets the surroundings."""
FROM_GUESS = 0.85
"""Strength where the hole holds a first guess: broad tones and lines stay, texture is made anew."""
BLUR_SHARE = 1 / 32
"""Radius of the second pass's blurred mask, as a share of the model's side."""


class DiffusionInpainter(DiffusionBackend, Inpainter):
    """Any inpainting pipeline of diffusers."""

    descriptor = Descriptor(
        name="diffusers-inpaint",
        capability=Capability.INPAINTING,
        summary="a diffusion model: invents what could be there, also by words; for a GPU",
        licence="Apache-2.0",
        source="https://github.com/huggingface/diffusers",
        requires=("torch", "diffusers", "transformers", "accelerate"),
        from_models=True,
        devices=("cpu", "cuda"),
        memory_mb=8000,
        size_multiple=MULTIPLE,
        gpu_rank=40,
    )
    pipeline_class = "AutoPipelineForInpainting"
    takes_words = True

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
        return self._filled(pixels, mask, WHOLE, words, seed, check_cancelled)

    def refine(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill from a first guess; see `Inpainter.refine`."""
        return self._filled(pixels, mask, FROM_GUESS, words, seed, check_cancelled)

    def _filled(
        self,
        pixels: Pixels,
        mask: Mask,
        strength: float,
        words: Words,
        seed: int,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        inside = mask >= 128
        if not inside.any():
            return pixels.copy()
        height, width = pixels.shape[:2]
        seen = fitting(width, height, self._options.side, MULTIPLE)
        small = resize(pixels, (0.0, 0.0, float(width), float(height)), seen)
        hole = _shrunk(inside, seen)

        def draw(picture: Pixels, where: Mask, how: float) -> Pixels:
            return self.draw(
                _arguments(picture, where, how),
                words,
                seed=seed,
                steps=None,
                guidance_scale=None,
                check_cancelled=check_cancelled,
            )

        made = draw(small, hole, strength)
        if self._options.second_pass:
            laid = small.copy()
            laid[hole > 0] = made[hole > 0]
            made = draw(laid, _blurred(hole, self._options.side), self._options.second_pass)
        whole = resize(made, (0.0, 0.0, float(seen[0]), float(seen[1])), (width, height))
        result = pixels.copy()
        result[inside] = whole[inside]
        return result


def _arguments(picture: Pixels, hole: Mask, strength: float) -> dict[str, Any]:
    from PIL import Image

    height, width = picture.shape[:2]
    return {
        "image": Image.fromarray(picture),
        "mask_image": Image.fromarray(hole),
        "strength": strength,
        "width": width,
        "height": height,
    }


def _shrunk(inside: np.ndarray[Any, Any], size: tuple[int, int]) -> Mask:
    """Return a mask at another size; what is marked in part is marked, so that no old pixel shows through."""
    import cv2

    area = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.where(area > 0, np.uint8(255), np.uint8(0))


def _blurred(hole: Mask, side: int) -> Mask:
    """Return the mask of the second pass: beyond the hole's edge, and soft."""
    import cv2

    radius = max(1, round(side * BLUR_SHARE))
    grown = cv2.dilate(hole, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), radius / 2), np.uint8)
