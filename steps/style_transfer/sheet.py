"""A thumbnail sheet: one photo in every named style, each with its name."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from steps import residency
from steps.backends.contract import Stylizer
from steps.backends.stylization import styles
from steps.contract import Context
from steps.imaging.document import Pixels
from steps.style_transfer.step import FOR_NAMES
from steps.style_transfer.working import shrunk

COLUMNS = 5
GAP = 8
LABEL = 22
"""Px of the line under each picture that holds its name."""
FINER = 2
"""Painted at this many times the thumbnail's sides and shrunk, so that strokes look as on a larger picture."""


def style_sheet(pixels: Pixels, context: Context, *, tile: int = 320) -> Pixels:
    """Return the photo itself and then in every named style, in the table's order.

    Args:
        pixels: RGB uint8 (height, width, 3).
        context: for the environment, progress and cancellation.
        tile: longest side of a thumbnail in px.

    Returns:
        RGB uint8 (height, width, 3).

    Raises:
        WeightsMissing, WeightsInvalid, BackendUnavailable: the backend of the named styles cannot be used.
        Cancelled: the caller wants the work stopped.
    """
    stylizer = residency.choose(Stylizer, FOR_NAMES, context.environment)
    source = _within(pixels, FINER * tile)
    named = [("the photo itself", _within(source, tile))]
    for number, style in enumerate(styles.NAMES):
        context.progress(number / len(styles.NAMES), style)
        painted = stylizer.stylize(
            source, style, seed=context.seed, check_cancelled=context.check_cancelled
        )
        named.append((style, _within(painted, tile)))
    context.progress(1.0, "done")
    return _arranged(named)


def _within(pixels: Pixels, side: int) -> Pixels:
    height, width = pixels.shape[:2]
    factor = min(1.0, side / max(height, width))
    return shrunk(pixels, (max(1, round(width * factor)), max(1, round(height * factor))))


def _arranged(named: list[tuple[str, Pixels]]) -> Pixels:
    height, width = named[0][1].shape[:2]
    across, down = width + GAP, height + LABEL + GAP
    rows = math.ceil(len(named) / COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * across + GAP, rows * down + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(LABEL * 0.7)
    for number, (name, picture) in enumerate(named):
        row, column = divmod(number, COLUMNS)
        left, top = GAP + column * across, GAP + row * down
        sheet.paste(Image.fromarray(picture), (left, top))
        draw.text((left, top + height + 1), name, fill="black", font=font)
    return np.asarray(sheet)
