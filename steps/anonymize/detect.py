"""Finds what an anonymization has to remove, in pictures of any size.

In: pixels, detectors, parameters. Out: `Found`. Every detector looks at several scales, at large
ones in overlapping tiles (`levels`). Where it suspects something small, or saw something that a
tile's edge cut, it looks a second time, closer and with the thing in the middle. What the looks
saw is merged (`merge`) and then judged by the caller's thresholds, sizes and zones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from steps.anonymize.eye import Eye
from steps.anonymize.memory import Memory
from steps.anonymize.merge import Sighting, merge
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.search import Search
from steps.anonymize.zones import contains
from steps.backends.contract import Detection, Detector
from steps.contract import Context
from steps.errors import InvalidParameters
from steps.imaging.document import Mask, Pixels


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one picture; both parts highest score first, boxes within the picture."""

    detections: tuple[Detection, ...]
    """To be removed."""
    ignored: tuple[Detection, ...] = ()
    """Seen, but left alone: the centre lies in an ignore zone."""


def find(
    pixels: Pixels,
    *,
    detectors: Sequence[Detector],
    parameters: AnonymizeParameters,
    context: Context,
    changed: Mask | None = None,
    threshold_scale: float = 1.0,
    memory: Memory | None = None,
) -> Found:
    """Find what the parameters ask for.

    Args:
        pixels: RGB uint8 (height, width, 3).
        detectors: loaded; of two that know a class the first one answers for it.
        parameters: classes, thresholds, minimum size, ignore zones, tiles.
        context: asked before each look whether to stop; its progress runs from 0 to 1.
        changed: uint8 (height, width), 255 where `pixels` differs from a picture that was looked
            at before with the same parameters. Tiles without such a pixel are not looked at: the
            grid is fixed and the detectors are deterministic, so they would say the same again.
        threshold_scale: factor on every threshold, e.g. 0.6 to look again more critically.
        memory: of earlier looks at this page, which are not repeated; None begins a new one.

    Raises:
        InvalidParameters: no detector knows one of the classes.
        Cancelled: by the context.
    """
    seen: list[Sighting] = []
    memory = Memory() if memory is None else memory
    routes = route(parameters.classes, detectors)
    for index, (detector, labels) in enumerate(routes):
        limits = {label: parameters.threshold_of(label) * threshold_scale for label in labels}
        part = context.span(index / len(routes), (index + 1) / len(routes))
        tiled = parameters.tiles == "auto"
        eye = Eye(pixels, detector, memory, part, changed)
        seen += Search(eye, limits).everywhere(tiled=tiled)
    return _judge(merge(seen), parameters, pixels.shape[1], pixels.shape[0])


def route(
    classes: Sequence[str], detectors: Sequence[Detector]
) -> list[tuple[Detector, frozenset[str]]]:
    """Say which detector looks for which classes; detectors that have none are left out.

    Raises:
        InvalidParameters: no detector knows one of the classes; the detail names similar ones
            and all that are known.
    """
    owner: dict[str, int] = {}
    for index, detector in enumerate(detectors):
        for label in detector.classes:
            owner.setdefault(label, index)
    faults = tuple(
        (f"/classes/{i}", _unknown(label, sorted(owner)))
        for i, label in enumerate(classes)
        if label not in owner
    )
    if faults:
        raise InvalidParameters(faults[0][1], pointer=faults[0][0], errors=faults)
    asked = [
        (detector, frozenset(label for label in classes if owner[label] == index))
        for index, detector in enumerate(detectors)
    ]
    return [(detector, labels) for detector, labels in asked if labels]


def _unknown(label: str, known: list[str]) -> str:
    similar = get_close_matches(label.lower(), known, n=3, cutoff=0.6)
    hint = f" (did you mean {' or '.join(map(repr, similar))}?)" if similar else ""
    return f"no detector in use knows the class {label!r}{hint}; known: {', '.join(known)}"


def _judge(
    sightings: Sequence[Sighting], parameters: AnonymizeParameters, width: int, height: int
) -> Found:
    removed: list[Detection] = []
    ignored: list[Detection] = []
    for found in (s.detection for s in sightings):
        box = found.box
        if max(box.width, box.height) < parameters.min_size:
            continue
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        inside = contains(parameters.ignore_zones, x, y, width, height)
        (ignored if inside else removed).append(found)
    return Found(tuple(removed), tuple(ignored))
