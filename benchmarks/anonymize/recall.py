"""How many of the people are found, by their height; and what is left of them after the step.

Each scene is looked at by the product's detection alone, in tiles and as a whole, and by an independent
detector; then the step runs with its defaults on the same pixels, and the independent detector looks at
what it delivered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np

from benchmarks.anonymize import matching, quality, residue
from benchmarks.anonymize.scenes import Scene
from benchmarks.anonymize.subject import Anonymized, anonymize
from benchmarks.independent.ssdlite import SsdLite
from steps.anonymize.detect import find
from steps.anonymize.models import load_models
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detection
from steps.contract import Context
from steps.environment import Environment
from steps.imaging.document import Pixels

EDGES = (24, 32, 40, 56, 80, 113, 160, 226, 320, 601)
"""Limits of the classes of height in px; the last is open above the tallest person."""
PROMISED = 40
"""Height in px from which on people must be found."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one person."""

    height: float
    """Visible height in px."""
    whole: bool
    """From head to shoes."""
    name: str
    kind: str
    """How the clean picture was made."""
    tiled: bool
    """Found by the product's detection with its defaults."""
    untiled: bool
    """Found when it may look at the picture only as a whole."""
    before: float
    """The independent detector's best score before the step,"""
    after: float
    """after it,"""
    nobody: float
    """and in the same place of the picture without people."""
    uncovered: float
    """Share of the body that the step left as it was."""


@dataclass(frozen=True, slots=True)
class SceneOutcome:
    """What became of one scene."""

    kind: str
    people: tuple[Outcome, ...]
    false: int
    """Detections where nobody is."""
    verdict: str
    difference_outside: int
    """Largest difference outside the step's mask, 0..255, measured here on what was delivered."""
    delivered: Anonymized


def examine(scene: Scene, kind: str) -> SceneOutcome:
    """Do all of it on one scene.

    Raises:
        WeightsMissing, WeightsInvalid: weights are not in the cache.
    """
    tiled = _find(scene.pixels, "auto")
    untiled = matching.found(scene.people, _find(scene.pixels, "never"))
    result = anonymize(scene.pixels)
    judge = _judge()
    before, after, nobody = (
        residue.scores(judge, pixels, scene.people)
        for pixels in (scene.pixels, result.pixels, scene.truth)
    )
    people = tuple(
        Outcome(
            height=person.box.height,
            whole=person.whole,
            name=person.name,
            kind=kind,
            tiled=seen,
            untiled=untiled[index],
            before=before[index],
            after=after[index],
            nobody=nobody[index],
            uncovered=uncovered(scene, person.box, result),
        )
        for index, (person, seen) in enumerate(
            zip(scene.people, matching.found(scene.people, tiled), strict=True)
        )
    )
    return SceneOutcome(
        kind=kind,
        people=people,
        false=len(matching.false_ones(scene.people, tiled)),
        verdict=result.report.verdict,
        difference_outside=quality.largest_difference_outside(
            result.pixels, scene.pixels, result.mask
        ),
        delivered=result,
    )


def uncovered(scene: Scene, box: Box, result: Anonymized) -> float:
    """Return the share of a person's solid pixels that the step's mask does not cover, 0..1."""
    rows, columns = slice(int(box.y0), int(box.y1)), slice(int(box.x0), int(box.x1))
    body = scene.opacity[rows, columns] >= 128
    return float((body & (result.mask[rows, columns] == 0)).sum() / body.sum())


def _find(pixels: Pixels, tiles: str) -> Sequence[Detection]:
    parameters = AnonymizeParameters.model_validate({"tiles": tiles})
    models = load_models(parameters, Environment.from_env())
    found = find(pixels, detectors=models.detectors, parameters=parameters, context=Context())
    return found.detections


@cache
def _judge() -> SsdLite:
    return SsdLite.load(Environment.from_env())


@dataclass(frozen=True, slots=True)
class Line:
    """Some people, counted. Shares are 0..1."""

    label: str
    people: int
    tiled: float
    untiled: float
    before: float
    """Share that the independent detector saw before,"""
    after: float
    """after,"""
    nobody: float
    """and in the same places without people."""
    uncovered: float
    """Median share of the bodies left as they were,"""
    uncovered_worst: float
    """and the largest."""


def line(label: str, people: Sequence[Outcome]) -> Line:
    """Count people."""
    return Line(
        label=label,
        people=len(people),
        tiled=_share(p.tiled for p in people),
        untiled=_share(p.untiled for p in people),
        before=_share(p.before >= residue.THRESHOLD for p in people),
        after=_share(p.after >= residue.THRESHOLD for p in people),
        nobody=_share(p.nobody >= residue.THRESHOLD for p in people),
        uncovered=float(np.median([p.uncovered for p in people])),
        uncovered_worst=max(p.uncovered for p in people),
    )


def lines(people: Sequence[Outcome]) -> list[Line]:
    """Count people by class of height, then all who must be found, in several divisions."""
    classes = [
        (f"{low}–{high - 1} px", [p for p in people if low <= p.height < high])
        for low, high in pairwise(EDGES)
    ]
    must = [p for p in people if p.height >= PROMISED]
    divisions = [
        (f"{PROMISED} px and taller", must),
        ("– of these whole bodies", [p for p in must if p.whole]),
        ("– of these cut by the picture's edge", [p for p in must if not p.whole]),
        *(
            (f"– of these in {kind} pictures", [p for p in must if p.kind == kind])
            for kind in sorted({p.kind for p in must})
        ),
    ]
    return [line(label, chosen) for label, chosen in [*classes, *divisions] if chosen]


def without_pixels(outcome: SceneOutcome) -> SceneOutcome:
    """Let go of the pictures."""
    empty = np.zeros((0, 0, 3), np.uint8)
    delivered = Anonymized(empty, empty[..., 0], outcome.delivered.report)
    return replace(outcome, delivered=delivered)


def _share(answers: Iterable[bool]) -> float:
    return float(np.mean([bool(answer) for answer in answers]))
