"""What a model set may decide about a diffusion model: how many steps, which LoRAs, which switches of speed."""

from typing import Annotated, Literal

from pydantic import Field

from steps.backends.model_options import Options
from steps.contract import Wire

Scheduler = Literal["own", "dpm++", "lcm", "lightning", "turbo"]
"""Which scheduler a model was distilled for; "own" is the one of its folder. See `schedulers`."""


class Lora(Wire):
    """Low-rank weights that are fused into the network when it is loaded."""

    model: str
    """Name of a model whose backend is "diffusers-lora"."""
    scale: Annotated[float, Field(ge=-4, le=4)] = 1.0
    """How much of it; 1 as it was trained."""


class DiffusionOptions(Options):
    """Options of every backend here."""

    steps: Annotated[int, Field(ge=1, le=200)] = 30
    """Denoising steps where the caller names no number; 4 to 8 with a few-step scheduler."""
    guidance_scale: Annotated[float, Field(ge=0, le=30)] = 6.0
    """How much the words count; 0 or 1 for distilled models (half the time), 5 to 8 for others."""
    scheduler: Scheduler = "own"
    """The scheduler to use."""
    loras: tuple[Lora, ...] = ()
    """Fused in this order."""
    side: Annotated[int, Field(ge=64, le=2048)] = 1024
    """Side in px of the square whose area the model was trained on."""
    prompt: str = ""
    """Words where the caller gives none."""
    negative_prompt: str = ""
    """What is not wanted, where the caller says nothing."""
    second_pass: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Strength of a second pass of a fill over a blurred mask, which closes the seam; 0 goes without."""
    half: bool = True
    """Whether the model is right in float16; FLUX is not, and takes bfloat16."""
    channels_last: bool = True
    """Convolutions in channels-last layout, on a GPU: quicker for UNets in half precision."""
    fuse_qkv: bool = False
    """Attention projections as one product each, on a GPU."""
    compile: bool = False
    """Compile the network's repeated blocks on a GPU: slower first call, quicker ones after it."""
