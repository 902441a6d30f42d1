"""What a caller may say about pictures from words."""

from pydantic import Field

from steps.contract import Parameters
from steps.words import MAX_WORDS


class GenerateParameters(Parameters):
    """What is to be seen, how large, how many, and by which means."""

    prompt: str = Field(min_length=1, max_length=MAX_WORDS)
    """What is to be seen."""
    negative_prompt: str = Field(default="", max_length=MAX_WORDS)
    """What is not to be seen."""
    width: int = Field(default=1024, ge=64, le=2048)
    """Width in px of the first pass; models are at their best near the size that they were trained on."""
    height: int = Field(default=1024, ge=64, le=2048)
    """Height in px of the first pass."""
    count: int = Field(default=1, ge=1, le=16)
    """How many variations; the first has the seed `seed`, each further one the next."""
    steps: int | None = Field(default=None, ge=1, le=200)
    """Denoising steps; None takes the model's own number, which is few for distilled models."""
    guidance_scale: float | None = Field(default=None, ge=0.0, le=30.0)
    """How much the words count; None takes the model's own."""
    refine: float = Field(default=0.0, ge=0.0, le=0.9)
    """Strength of a second pass over the picture, enlarged by `refineScale`: it makes detail anew. 0 goes without;
    0.3 keeps the composition."""
    refine_scale: float = Field(default=1.5, ge=1.0, le=2.0)
    """How much larger the second pass is."""
    upscale: float = Field(default=1.0, ge=1.0, le=8.0)
    """Factor by which the step "upscale" enlarges at the end, with its usual backend; 1 goes without."""
    backend: str = "auto"
    """Backend that paints, or "backend/model" for one of its models, which may have LoRAs of its own."""
