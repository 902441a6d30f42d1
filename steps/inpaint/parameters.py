"""What a caller may say about filling a region."""

from pydantic import Field

from steps.contract import Parameters
from steps.words import MAX_WORDS


class InpaintParameters(Parameters):
    """How the mask is read and what fills it."""

    dilate: int = Field(default=4, ge=0, le=500)
    """How far the mask grows before filling, in px: masks drawn by hand or by a model leave a rim."""
    feather: int = Field(default=3, ge=0, le=200)
    """Width of the soft edge inside the grown mask, in px; 0 is hard."""
    threshold: int = Field(default=128, ge=1, le=255)
    """Mask values from here on mean "fill"; below they mean "keep"."""
    detector: str = "auto"
    """Backend that finds people, who must not be copied into the hole; "auto" goes without where none can be used,
    "none" looks for nobody."""
    backend: str = "auto"
    """Backend that fills; "auto" takes the best that is installed and allowed."""
    prompt: str = Field(default="", max_length=MAX_WORDS)
    """What is to be seen there, for a backend that takes words ("diffusers-inpaint"); empty: as the surroundings."""
    negative_prompt: str = Field(default="", max_length=MAX_WORDS)
    """What is not to be seen there, for a backend that takes words."""
