"""Which of the people that are there were seen."""

from collections.abc import Sequence

from benchmarks.anonymize.scenes import Person
from steps.backends.contract import Detection

SAME = 0.5
"""Intersection over union from which on a detection is that person, as in COCO's AP50."""
ELSEWHERE = 0.1
"""Below this overlap with everybody a detection is a false one."""


def found(people: Sequence[Person], detections: Sequence[Detection]) -> list[bool]:
    """Return for each person whether a detection is theirs; a detection serves one person only."""
    free = list(detections)
    seen: list[bool] = []
    for person in people:
        best = max(free, key=lambda d: d.box.iou(person.box), default=None)
        hit = best is not None and best.box.iou(person.box) >= SAME
        if hit and best is not None:
            free.remove(best)
        seen.append(hit)
    return seen


def false_ones(people: Sequence[Person], detections: Sequence[Detection]) -> list[Detection]:
    """Return the detections where nobody is."""
    return [
        d
        for d in detections
        if all(d.box.intersection(p.box) < ELSEWHERE * d.box.area for p in people)
    ]
