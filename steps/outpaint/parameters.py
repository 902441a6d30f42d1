"""What a caller may say about continuing a picture beyond its edges."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from steps.contract import Parameters
from steps.words import MAX_WORDS

Anchor = Literal[
    "center",
    "left",
    "right",
    "top",
    "bottom",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
]
Pixels = Annotated[int, Field(ge=0, le=65_500)]
Side = Annotated[int, Field(ge=1, le=65_500)]


class OutpaintParameters(Parameters):
    """By how much to extend (sides, or a size, or an aspect ratio), and by which means."""

    left: Pixels | None = None
    """Px to add on the left."""
    right: Pixels | None = None
    """Px to add on the right."""
    top: Pixels | None = None
    """Px to add above."""
    bottom: Pixels | None = None
    """Px to add below."""
    width: Side | None = None
    """Width of the result in px, at least the picture's; alone, the height stays."""
    height: Side | None = None
    """Height of the result in px, at least the picture's; alone, the width stays."""
    aspect_ratio: str | None = Field(
        default=None, pattern=r"^[1-9][0-9]{0,4}(\.[0-9]{1,4})?:[1-9][0-9]{0,4}(\.[0-9]{1,4})?$"
    )
    """Width : height of the result, e.g. "16:9" or "1.91:1"; the shorter way there is taken, nothing is cut."""
    anchor: Anchor = "center"
    """Where the picture lies in a result of a given size or aspect ratio; "left" adds on the right alone."""
    feather: int = Field(default=0, ge=0, le=200)
    """Px of the original at its extended edges that fade into the new area; 0 leaves every original pixel as it is."""
    detector: str = "auto"
    """Backend that finds people and things that must not be copied; "auto" goes without where none can be used,
    "none" looks for nothing."""
    backend: str = "auto"
    """Backend that fills; "auto" takes the best that is installed and allowed."""
    prompt: str = Field(default="", max_length=MAX_WORDS)
    """What is to be seen there, for a backend that takes words ("diffusers-inpaint"); empty: as the surroundings."""
    negative_prompt: str = Field(default="", max_length=MAX_WORDS)
    """What is not to be seen there, for a backend that takes words."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        sides = (self.left, self.right, self.top, self.bottom)
        kinds = [
            any(side is not None for side in sides),
            self.width is not None or self.height is not None,
            self.aspect_ratio is not None,
        ]
        if sum(kinds) != 1:
            raise ValueError(
                "name exactly one: sides (left, right, top, bottom), or a size (width, height), or aspectRatio"
            )
        if kinds[0] and not any(sides):
            raise ValueError("at least one of left, right, top, bottom must be above 0")
        if kinds[0] and self.anchor != "center":
            raise ValueError(
                "anchor goes with a size or an aspectRatio; sides say where by themselves"
            )
        return self
