"""Joins what was seen at several scales and in overlapping tiles into one detection per thing.

Plain non-maximum suppression keeps the best score, and a torso seen close often scores better than
the whole person seen from afar: the legs would stay in the picture. So here the larger of two
boxes of one thing wins, unless its score is much lower. Averaging the boxes (weighted box fusion)
would shrink the whole person towards the torso; here no box is ever made smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.backends.contract import Box, Detection

SAME = 0.5
"""Intersection over union from which on two boxes of a label show the same thing."""
INSIDE = 0.8
"""Share of the smaller box inside the larger from which on it may be a part of it."""
PART = 0.25
"""A smaller share of the larger box's area is another thing: someone far behind a shoulder."""
WEAK = 0.7
"""A larger box whose score is below this share of the smaller's does not stand for it."""
ROUGHLY = 0.3
"""Intersection over union from which on two looks may mean the same place."""
PIECE = 0.05
"""A smaller share of a thing's area is no witness for it: a post beside someone's foot."""
CUT_INSIDE = 0.6
"""The same as INSIDE for a box that its tile's edge cut: it is a part by its nature."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something seen in one look."""

    detection: Detection
    cut: bool = False
    """The look's edge may have cut it, so that it may be only a part of a thing."""


def merge(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Keep one sighting per thing.

    The result depends on the set of sightings, not on their order; merging it again changes
    nothing; every kept box is one of the given.

    Returns:
        The kept sightings, highest score first.
    """
    ordered = sorted(set(sightings), key=_order)
    solid = [s for s in ordered if not any(_outweighs(other, s) for other in ordered)]
    kept: list[Sighting] = []
    for sighting in solid:
        if not any(stands_for(larger, sighting) for larger in kept):
            kept.append(sighting)
    return sorted(kept, key=lambda s: (-s.detection.score, _order(s)))


def _order(sighting: Sighting) -> tuple[object, ...]:
    """Whole before cut, then largest first; the rest makes the order total."""
    found = sighting.detection
    box = found.box
    corners = (box.x0, box.y0, box.x1, box.y1)
    return (sighting.cut, -box.area, -found.score, found.label, corners)


def _outweighs(best: Sighting, weak: Sighting) -> bool:
    """Whether `best` shows the same thing so much more surely that `weak` does not count."""
    a, b = best.detection, weak.detection
    if a.label != b.label or best.cut or b.score >= WEAK * a.score:
        return False
    return a.box.iou(b.box) >= SAME


def stands_for(larger: Sighting, smaller: Sighting) -> bool:
    """Whether `smaller` shows the same thing as `larger`, or a part of it."""
    a, b = larger.detection, smaller.detection
    if a.label != b.label:
        return False
    if a.box.iou(b.box) >= SAME:
        return True
    share = _share_inside(b.box, a.box)
    if smaller.cut:
        return share >= CUT_INSIDE
    big_enough = b.box.area >= PART * a.box.area
    return share >= INSIDE and big_enough and a.score >= WEAK * b.score


def shows_some_of(other: Sighting, sighting: Sighting) -> bool:
    """Whether `other` shows the thing of `sighting` or something round it, however roughly."""
    a, b = other.detection, sighting.detection
    if a.label != b.label:
        return False
    is_piece = b.box.area >= PIECE * a.box.area and _share_inside(b.box, a.box) >= CUT_INSIDE
    return is_piece or a.box.iou(b.box) >= ROUGHLY


def lies_in(sighting: Sighting, other: Sighting) -> bool:
    """Whether a sighting of any label lies mostly in the box of another."""
    return _share_inside(sighting.detection.box, other.detection.box) >= INSIDE


def _share_inside(box: Box, other: Box) -> float:
    """Share of `box` that lies in `other`, 0..1; a box without area counts by its position."""
    if box.area > 0:
        return box.intersection(other) / box.area
    return float(other.x0 <= box.x0 <= other.x1 and other.y0 <= box.y0 <= other.y1)
