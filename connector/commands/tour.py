"""The rest of the demo: every other step on the same photo, and a sheet that shows them all."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from steps.contract import Context, Item, Output, Part, Role
from steps.environment import Environment
from steps.imaging.decode import decode
from steps.imaging.document import Pixels
from steps.imaging.mask import encode_mask
from steps.run import run_step

DISPLAY = (0.515, 0.135, 0.665, 0.182)
"""Where the display on the wall of the demo's photo hangs: left, top, right, bottom as shares of its sides."""
TILE = 460
"""Height in px of a picture on the sheet."""
GAP = 14
LABEL = 26


@dataclass(frozen=True, slots=True)
class Stop:
    """One step of the tour."""

    step: str
    parameters: Mapping[str, object]
    says: str
    """What the sheet says under the picture."""
    parts: tuple[Part, ...] = field(default=())


def stops(size: tuple[int, int]) -> tuple[Stop, ...]:
    """Return the tour through a photo of (width, height) px."""
    mask = Part(content=encode_mask(_display(size)), role=Role.MASK, filename="display.mask.png")
    return (
        Stop("inpaint", {}, "inpaint: the display on the wall, by a mask", (mask,)),
        Stop("outpaint", {"aspectRatio": "1:1"}, "outpaint: to a square"),
        Stop("style-transfer", {"style": "blue-swirls"}, "style-transfer: blue-swirls"),
        Stop("upscale", {"factor": 2}, "upscale: twice the size (a detail)"),
    )


def take(stop: Stop, photo: bytes, environment: Environment, output: Path) -> Path:
    """Run one step on a photo and write its result as NAME.jpg; return where it is."""
    item = Item(parts=(Part(content=photo, filename=f"{stop.step}.jpg"), *stop.parts))
    context = Context(environment=environment, output=Output(mime_type="image/jpeg"))
    content = run_step(stop.step, item, stop.parameters, context).parts[0].content
    if not isinstance(content, bytes):
        raise TypeError(f"the step {stop.step!r} gave a result that is not encoded")
    path = output / f"{stop.step}.jpg"
    path.write_bytes(content)
    return path


def sheet(pictures: list[tuple[str, Path]]) -> bytes:
    """Lay pictures out on one sheet, three to a row, each with its words below; return it as a JPEG."""
    tiles = [_tile(label, path) for label, path in pictures]
    rows = [tiles[start : start + 3] for start in range(0, len(tiles), 3)]
    width = max(sum(tile.width + GAP for tile in row) for row in rows) + GAP
    page = Image.new("RGB", (width, len(rows) * (TILE + LABEL + GAP) + GAP), "white")
    for number, row in enumerate(rows):
        left = GAP
        for tile in row:
            page.paste(tile, (left, GAP + number * (TILE + LABEL + GAP)))
            left += tile.width + GAP
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _tile(label: str, path: Path) -> Image.Image:
    picture = Image.fromarray(decode(path.read_bytes(), filename=path.name).pages[0].pixels)
    if path.stem == "upscale":
        picture = _detail(picture)
    picture = picture.resize((round(picture.width * TILE / picture.height), TILE))
    font = ImageFont.load_default(size=16)
    tile = Image.new(
        "RGB", (max(picture.width, round(font.getlength(label))), TILE + LABEL), "white"
    )
    tile.paste(picture, (0, 0))
    ImageDraw.Draw(tile).text((0, TILE + 4), label, fill="black", font=font)
    return tile


def _detail(picture: Image.Image) -> Image.Image:
    """Cut out what fills a tile of the sheet pixel by pixel."""
    left, top = round(picture.width * 0.42), round(picture.height * 0.36)
    return picture.crop((left, top, left + TILE, top + TILE))


def _display(size: tuple[int, int]) -> Pixels:
    width, height = size
    x0, y0, x1, y1 = DISPLAY
    mask = np.zeros((height, width), np.uint8)
    mask[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)] = 255
    return mask
