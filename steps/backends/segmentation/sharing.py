"""Which boxes can share one look of an encoder that sees squares of a fixed size."""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.backends.contract import Box
from steps.compose import Crop

ROOM = 0.5
"""Surroundings of a box that the encoder sees too, on every side, as a share of the box's longer side."""
SHARP = 0.25
"""A box's longer side is at least this share of the encoder's, unless the crop is not shrunk at all."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One look."""

    crop: Crop
    """What is seen of the page."""
    boxes: tuple[int, ...]
    """Indices of the boxes that it answers."""


def shared_passes(boxes: Sequence[Box], width: int, height: int, *, side: int) -> list[Pass]:
    """Return the looks that answer all boxes, the largest boxes first.

    A box joins a look whose crop then still shows each of its boxes large enough.

    Args:
        boxes: in px of the page.
        width: of the page in px.
        height: of the page in px.
        side: of what the encoder sees, in px.
    """
    passes: list[Pass] = []
    order = sorted(range(len(boxes)), key=lambda index: -boxes[index].area)
    for index in order:
        own = _surroundings(boxes[index], width, height)
        for number, known in enumerate(passes):
            crop = known.crop.union(own)
            members = (*known.boxes, index)
            if all(_is_sharp(boxes[member], crop, side) for member in members):
                passes[number] = Pass(crop, members)
                break
        else:
            passes.append(Pass(own, (index,)))
    return passes


def _surroundings(box: Box, width: int, height: int) -> Crop:
    x0 = min(max(0, int(box.x0)), width - 1)
    y0 = min(max(0, int(box.y0)), height - 1)
    x1 = max(x0 + 1, min(width, int(box.x1) + 1))
    y1 = max(y0 + 1, min(height, int(box.y1) + 1))
    return Crop(x0, y0, x1, y1).grown(round(ROOM * max(box.width, box.height)), width, height)


def _is_sharp(box: Box, crop: Crop, side: int) -> bool:
    longest = max(crop.width, crop.height)
    return longest <= side or max(box.width, box.height) * side / longest >= SHARP * side
