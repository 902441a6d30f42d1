"""What a caller may say about a style transfer."""

from typing import Annotated

from pydantic import AfterValidator, Field

from steps.backends.stylization import styles
from steps.contract import Parameters
from steps.words import MAX_WORDS

DEFAULT_WORKING_SIZE = 1280
"""Where strokes are fine enough for a print and the network takes about 2 s and 0.5 GB on two cores."""


def _known(name: str) -> str:
    if name not in styles.BY_NAME:
        raise ValueError(f"there is no style {name!r}; known: {', '.join(styles.NAMES)}")
    return name


StyleName = Annotated[
    str, AfterValidator(_known), Field(json_schema_extra={"enum": list(styles.NAMES)})
]


class StyleTransferParameters(Parameters):
    """Which style, how much of it, and what of the picture is to stay."""

    style: StyleName | None = None
    """Named style; None where a part of role "style" gives the style's picture, or `prompt` says it.
    `retusche styles` shows all."""
    prompt: str = Field(default="", max_length=MAX_WORDS)
    """The style in words, alone or beside a style picture, for a backend that takes words ("diffusers-style")."""
    negative_prompt: str = Field(default="", max_length=MAX_WORDS)
    """What is not to be seen, for a backend that takes words."""
    denoise: float | None = Field(default=None, ge=0.05, le=1.0)
    """How much a backend that takes words makes anew: about 0.3 keeps every form, about 0.7 the layout alone;
    None takes the model's own. Other backends paint the forms that are there."""
    strength: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the painted picture in the result: 1 all of it, 0 the source's own pixels."""
    keep_colors: bool = False
    """Take only light and dark from the painted picture; every pixel keeps its hue, and
    most of its colour."""
    working_size: int = Field(default=DEFAULT_WORKING_SIZE, ge=64, le=2048)
    """Painted at no more than workingSize × workingSize px, whatever the shape; smaller makes larger
    strokes and takes less time and memory. Larger pictures get the strokes carried up to their own size."""
    feather: float = Field(default=0.01, ge=0.0, le=0.5)
    """Width of the soft edge inside a mask, as a share of the picture's shorter side."""
    backend: str = "auto"
    """Backend that paints; "auto" takes "multistyle26" for a name, "arbitrary-style" for a picture alone, and
    "diffusers-style" for words."""
