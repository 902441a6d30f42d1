"""What a caller may say about an upscaling."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from steps.contract import Parameters

LARGEST_FACTOR = 8.0
LONGEST_SIDES = {"4k": 3840, "8k": 7680}
"""What the words mean, in px: the longer side of UHD-1 and UHD-2 (ITU-R BT.2020)."""
DEFAULT_FACTOR = 2.0

Side = Annotated[int, Field(ge=1, le=65_500)]


def _px_of(value: object) -> object:
    """Turn a word into px; whatever else it is, the next check judges."""
    return LONGEST_SIDES.get(value, value) if isinstance(value, str) else value


LongestSide = Annotated[
    Side,
    BeforeValidator(_px_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 65_500},
                {"type": "string", "enum": list(LONGEST_SIDES)},
            ]
        }
    ),
]


class UpscaleParameters(Parameters):
    """How large the picture is to become, by which means, and with how much invented detail."""

    factor: float | None = Field(default=None, ge=1.0, le=LARGEST_FACTOR)
    """How many times wider and higher, 1..8; 2 when no size is named. 1 cleans without enlarging."""
    width: Side | None = None
    """Width of the result in px; alone, the height follows the picture's aspect ratio."""
    height: Side | None = None
    """Height of the result in px; alone, the width follows. With `width` it must fit the aspect ratio."""
    longest_side: LongestSide | None = None
    """Longer side of the result in px, or "4k" (3840) or "8k" (7680)."""
    quality: Literal["fast", "best"] = "fast"
    """"fast" is smooth and takes seconds per megapixel; "best" is crisp on photos and takes minutes."""
    backend: str = "auto"
    """Backend by name; "auto" takes the one that `quality` asks for."""
    detail: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the model's result, the rest is Lanczos: 1 all the model's detail, 0 none (and no model is run)."""
    memory_mb: int = Field(default=1024, ge=128, le=65_536)
    """Memory in MiB that the work on one tile may take; larger tiles are a little faster."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        sides = self.width is not None or self.height is not None
        named = [self.factor is not None, sides, self.longest_side is not None]
        if sum(named) > 1:
            raise ValueError("name one size only: factor, or width and height, or longestSide")
        return self
