"""Pictures beside one another: before and after in a row, rows in a sheet, as files of a bounded size."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from steps.imaging.document import Mask, Pixels

GAP = 6
"""White px between pictures."""
TINT = (255, 0, 160)
"""Colour of what a mask covers."""
QUALITIES = (90, 85, 80, 74, 68, 60, 50)
"""JPEG qualities, the first that fits."""


def tinted(pixels: Pixels, mask: Mask) -> Pixels:
    """Return the picture with what the mask covers coloured."""
    share = np.where(mask[..., np.newaxis] > 0, 0.65, 0.0)
    mixed: Pixels = np.rint(pixels * (1 - share) + np.array(TINT) * share).astype(np.uint8)
    return mixed


def row(pictures: Sequence[Pixels], height: int) -> Pixels:
    """Return the pictures side by side, each at that height in px."""
    made = [
        Image.fromarray(one).resize(
            (max(1, round(one.shape[1] * height / one.shape[0])), height), Image.Resampling.LANCZOS
        )
        for one in pictures
    ]
    sheet = Image.new(
        "RGB", (sum(one.width for one in made) + GAP * (len(made) - 1), height), "white"
    )
    left = 0
    for one in made:
        sheet.paste(one, (left, 0))
        left += one.width + GAP
    return np.asarray(sheet, np.uint8)


def grid(cells: Sequence[Pixels], columns: int, width: int) -> Pixels:
    """Return cells row by row, each shrunk into a column, the sheet that wide in px."""
    column = (width - 2 * GAP * (columns - 1)) // columns
    lines = []
    for first in range(0, len(cells), columns):
        shrunk = []
        for cell in cells[first : first + columns]:
            one = Image.fromarray(cell)
            shrunk.append(
                one.resize(
                    (column, max(1, round(one.height * column / one.width))),
                    Image.Resampling.LANCZOS,
                )
            )
        lines.append(shrunk)
    heights = [max(one.height for one in line) for line in lines]
    sheet = Image.new("RGB", (width, sum(heights) + 2 * GAP * (len(heights) - 1)), "white")
    top = 0
    for line, height in zip(lines, heights, strict=True):
        for number, one in enumerate(line):
            sheet.paste(one, (number * (column + 2 * GAP), top))
        top += height + 2 * GAP
    return np.asarray(sheet, np.uint8)


def save(pixels: Pixels, path: Path, *, width: int, kilobytes: int) -> None:
    """Write a picture, at most so wide; as JPEG at the best quality that keeps it within so many kB.

    Raises:
        ValueError: no quality does.
    """
    picture = Image.fromarray(pixels)
    if picture.width > width:
        size = width, max(1, round(picture.height * width / picture.width))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".jpg":
        picture.save(path)
        return
    for quality in QUALITIES:
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= kilobytes * 1000:
            path.write_bytes(buffer.getvalue())
            return
    raise ValueError(f"{path.name} does not fit into {kilobytes} kB at {width} px")
