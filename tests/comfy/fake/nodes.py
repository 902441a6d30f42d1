"""The node classes that the fake knows: their inputs as /object_info tells them, and what they compute.

IMAGE is float32 (batch, height, width, 3) 0..1 and MASK (batch, height, width), as in ComfyUI. Models are names;
a sampler's result depends on its seed alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.comfy.fake.folders import Folders

Image = NDArray[np.float32]
CHECKPOINTS = ["sd_xl_base_1.0.safetensors", "sd_xl_refiner_1.0.safetensors"]
UPSCALERS = ["RealESRGAN_x4plus.pth"]
SAMPLERS = ["euler", "dpmpp_2m"]
SCHEDULERS = ["simple", "karras"]
RESIZERS = ["area", "lanczos", "bilinear", "nearest-exact", "bicubic"]
TEXT = ("STRING", {"multiline": True})


def whole(least: int, most: int, default: int = 0) -> tuple[str, dict[str, Any]]:
    return "INT", {"min": least, "max": most, "default": default}


def number(least: float, most: float, default: float) -> tuple[str, dict[str, Any]]:
    return "FLOAT", {"min": least, "max": most, "default": default}


@dataclass(frozen=True)
class Kind:
    """A node class."""

    inputs: Mapping[str, tuple[Any, ...]]
    """Type, or list of choices, and options; as in /object_info."""
    outputs: tuple[str, ...] = ()
    run: Callable[..., tuple[Any, ...]] = lambda **_: ()
    is_output: bool = False
    optional: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        return {
            "input": {
                "required": {name: list(spec) for name, spec in self.inputs.items()},
                "optional": {name: list(spec) for name, spec in self.optional.items()},
            },
            "output": list(self.outputs),
            "output_name": list(self.outputs),
            "output_node": self.is_output,
        }


def load_image(folders: Folders, image: str) -> tuple[Image, Image]:
    samples = (folders.read(image)[np.newaxis] / np.float32(255)).astype(np.float32)
    if samples.shape[3] == 4:
        return samples[..., :3], (1 - samples[..., 3]).astype(np.float32)
    return samples, np.zeros((1, 64, 64), np.float32)


def load_mask(folders: Folders, image: str, channel: str) -> tuple[Image]:
    pixels, mask = load_image(folders, image)
    return (mask,) if channel == "alpha" else (pixels[..., "rgb".index(channel[0])],)


def upscale(upscale_model: str, image: Image) -> tuple[Image]:
    return (image.repeat(4, axis=1).repeat(4, axis=2),)


def scale_to(image: Image, upscale_method: str, largest_size: int) -> tuple[Image]:
    height, width = image.shape[1:3]
    share = largest_size / max(height, width)
    size = max(1, round(width * share)), max(1, round(height * share))
    return (np.stack([np.clip(cv2.resize(one, size), 0, 1) for one in image]),)


def composite(
    destination: Image, source: Image, x: int, y: int, resize_source: bool, mask: Image
) -> tuple[Image]:
    height, width = destination.shape[1:3]
    filled = np.stack([cv2.resize(one, (width, height)) for one in source])
    part = np.stack([cv2.resize(one, (width, height)) for one in mask])[..., np.newaxis]
    return (np.where(part > 0.5, filled, destination).astype(np.float32),)


def grow(mask: Image, expand: int, tapered_corners: bool) -> tuple[Image]:
    kernel = np.ones((2 * expand + 1, 2 * expand + 1), np.uint8)
    return (np.stack([cv2.dilate(one, kernel) for one in mask]),)


def sample(seed: int, latent_image: Image) -> tuple[Image]:
    return (np.random.default_rng(seed).random(latent_image.shape).astype(np.float32),)


def decode(samples: Image, vae: str) -> tuple[Image]:
    return (samples.repeat(8, axis=1).repeat(8, axis=2),)


def encode(pixels: Image, vae: str, mask: Image, grow_mask_by: int) -> tuple[Image]:
    return (
        np.zeros((1, max(1, pixels.shape[1] // 8), max(1, pixels.shape[2] // 8), 3), np.float32),
    )


def empty(width: int, height: int, batch_size: int) -> tuple[Image]:
    return (np.zeros((batch_size, height // 8, width // 8, 3), np.float32),)


_SAMPLING = {
    "steps": whole(1, 10_000, 20),
    "cfg": number(0, 100, 8),
    "sampler_name": (SAMPLERS,),
    "scheduler": (SCHEDULERS,),
    "positive": ("CONDITIONING",),
    "negative": ("CONDITIONING",),
    "latent_image": ("LATENT",),
}
SEED = whole(0, 2**64 - 1)

KINDS: dict[str, Kind] = {
    "LoadImage": Kind({"image": ([],)}, ("IMAGE", "MASK"), load_image),
    "LoadImageMask": Kind(
        {"image": ([],), "channel": (["alpha", "red", "green", "blue"],)}, ("MASK",), load_mask
    ),
    "SaveImage": Kind({"images": ("IMAGE",), "filename_prefix": ("STRING",)}, is_output=True),
    "PreviewImage": Kind({"images": ("IMAGE",)}, is_output=True),
    "ImageInvert": Kind({"image": ("IMAGE",)}, ("IMAGE",), lambda image: (1 - image,)),
    "ImageScaleToMaxDimension": Kind(
        {"image": ("IMAGE",), "upscale_method": (RESIZERS,), "largest_size": whole(0, 16_384, 512)},
        ("IMAGE",),
        scale_to,
    ),
    "MaskToImage": Kind(
        {"mask": ("MASK",)}, ("IMAGE",), lambda mask: (np.repeat(mask[..., None], 3, axis=3),)
    ),
    "UpscaleModelLoader": Kind(
        {"model_name": (UPSCALERS,)}, ("UPSCALE_MODEL",), lambda model_name: (model_name,)
    ),
    "ImageUpscaleWithModel": Kind(
        {"upscale_model": ("UPSCALE_MODEL",), "image": ("IMAGE",)}, ("IMAGE",), upscale
    ),
    "CheckpointLoaderSimple": Kind(
        {"ckpt_name": (CHECKPOINTS,)}, ("MODEL", "CLIP", "VAE"), lambda ckpt_name: (ckpt_name,) * 3
    ),
    "CLIPTextEncode": Kind(
        {"text": TEXT, "clip": ("CLIP",)}, ("CONDITIONING",), lambda text, clip: (text,)
    ),
    "EmptyLatentImage": Kind(
        {
            "width": whole(16, 16_384, 512),
            "height": whole(16, 16_384, 512),
            "batch_size": whole(1, 4096, 1),
        },
        ("LATENT",),
        empty,
    ),
    "KSampler": Kind(
        {"model": ("MODEL",), "seed": SEED, **_SAMPLING, "denoise": number(0, 1, 1)},
        ("LATENT",),
        lambda seed, latent_image, **_: sample(seed, latent_image),
    ),
    "KSamplerAdvanced": Kind(
        {
            "model": ("MODEL",),
            "add_noise": (["enable", "disable"],),
            "noise_seed": SEED,
            **_SAMPLING,
            "start_at_step": whole(0, 10_000),
            "end_at_step": whole(0, 10_000, 10_000),
            "return_with_leftover_noise": (["disable", "enable"],),
        },
        ("LATENT",),
        lambda noise_seed, latent_image, **_: sample(noise_seed, latent_image),
    ),
    "VAEDecode": Kind({"samples": ("LATENT",), "vae": ("VAE",)}, ("IMAGE",), decode),
    "VAEEncodeForInpaint": Kind(
        {
            "pixels": ("IMAGE",),
            "vae": ("VAE",),
            "mask": ("MASK",),
            "grow_mask_by": whole(0, 64, 6),
        },
        ("LATENT",),
        encode,
    ),
    "GrowMask": Kind(
        {
            "mask": ("MASK",),
            "expand": whole(-16_384, 16_384),
            "tapered_corners": ("BOOLEAN", {"default": True}),
        },
        ("MASK",),
        grow,
    ),
    "ImageCompositeMasked": Kind(
        {
            "destination": ("IMAGE",),
            "source": ("IMAGE",),
            "x": whole(0, 16_384),
            "y": whole(0, 16_384),
            "resize_source": ("BOOLEAN", {"default": False}),
        },
        ("IMAGE",),
        composite,
        optional={"mask": ("MASK",)},
    ),
}
"""Classes that ComfyUI has."""

TROUBLE: dict[str, Kind] = {
    "Slow": Kind({"image": ("IMAGE",)}, ("IMAGE",), lambda image: (image,)),
    "Stubborn": Kind({"image": ("IMAGE",)}, ("IMAGE",), lambda image: (image,)),
    "Fails": Kind({"image": ("IMAGE",)}, ("IMAGE",)),
    "OutOfMemory": Kind({"image": ("IMAGE",)}, ("IMAGE",)),
}
"""Classes of the fake's own: one that takes until it is released, one that cannot be interrupted meanwhile, and
two that raise."""
EVERY = {**KINDS, **TROUBLE}
