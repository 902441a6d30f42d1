"""A tiny real step for tests of whatever surrounds steps: inverts a rectangle of the picture."""

import io
from typing import Annotated, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from steps.contract import (
    Context,
    Item,
    Parameters,
    Part,
    PartType,
    Report,
    Role,
    Step,
    StepResult,
    Wire,
)
from steps.errors import ImageUndecodable


class Area(Wire):
    """A rectangle, as fractions of width and height."""

    rectangle: tuple[float, float, float, float]


class InvertParameters(Parameters):
    """Which part to invert, and how."""

    areas: Annotated[tuple[Area, ...], Field(max_length=5)] = (Area(rectangle=(0, 0, 1, 1)),)
    """Rectangles to invert."""
    channels: tuple[str, ...] = ("red", "green", "blue")
    """Channels to invert."""
    limits: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    """Limits by channel."""
    strength: float = Field(default=1.0, ge=0, le=1)
    """How much of the inverted picture is mixed in."""
    on_error: Literal["raise", "crash", "memory"] = "raise"
    """What to do about a picture that cannot be decoded."""


class Invert(Step[InvertParameters]):
    name = "invert"
    version = "1.2.0"
    title = "Invert"
    summary = "Inverts a part of the picture."
    parameters = InvertParameters

    def run(self, item: Item, parameters: InvertParameters, context: Context) -> StepResult:
        (source,) = item.base_parts(Role.SOURCE)
        assert isinstance(source.content, bytes)
        with context.phase("decode"):
            pixels = self._decode(source, parameters)
        height, width = pixels.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        for number, area in enumerate(parameters.areas):
            context.progress(number / len(parameters.areas), "inverting")
            x0, y0, x1, y1 = area.rectangle
            mask[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)] = 255
        inverted = (255 - pixels) * parameters.strength + pixels * (1 - parameters.strength)
        pixels[mask == 255] = inverted.astype(np.uint8)[mask == 255]
        mime = "image/jpeg" if source.content[:2] == b"\xff\xd8" else "image/png"
        return StepResult(
            parts=(
                _part(pixels, mime, Role.SOURCE, PartType.BASE_PART),
                _part(mask, "image/png", Role.MASK, PartType.META),
            ),
            report=Report(step=self.name, version=self.version, seed=context.seed),
        )

    @staticmethod
    def _decode(
        source: Part, parameters: InvertParameters
    ) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
        assert isinstance(source.content, bytes)
        try:
            return np.array(Image.open(io.BytesIO(source.content)).convert("RGB"))
        except OSError as error:
            if parameters.on_error == "crash":
                raise ValueError("something odd") from error
            if parameters.on_error == "memory":
                raise MemoryError("12 GB") from error
            raise ImageUndecodable(f"not a picture: {error}", pointer=source.filename) from error


def _part(
    pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", mime: str, role: Role, kind: PartType
) -> Part:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, mime.partition("/")[2])
    return Part(content=buffer.getvalue(), mime_type=mime, role=role, type=kind)


def png(size: tuple[int, int] = (8, 6), color: str = "#204060", file_type: str = "png") -> bytes:
    """Return an encoded picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, file_type)
    return buffer.getvalue()
