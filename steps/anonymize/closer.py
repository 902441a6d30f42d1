"""Second looks, closer and with the thing in the middle, at what the first looks were not sure of.

Two kinds. A *wide* look shows a thing with its surroundings; what was seen, but small or cut by a tile's edge, is
seen whole there. A *tight* look shows hardly more than the thing: a detector has learnt where people stand, and
overlooks somebody on a dahlia or in a cup until the surroundings are gone. Without surroundings it also takes a
chair's back for somebody now and then, so two tight looks of different size must agree, and surely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from steps.anonymize.eye import Eye
from steps.anonymize.levels import closer_look, tight_look, window_round
from steps.anonymize.merge import Sighting, lies_in, stands_for
from steps.anonymize.tiles import Tile
from steps.backends.contract import Box
from steps.backends.detection.suppression import keep_best

SURE = 0.5
"""Score from which on a thing that no edge cut needs no second look; and which tight looks have to reach."""
LIKELY = 0.25
"""Score of the first tight look that calls for the second."""
UNLIKELY = 0.02
"""Below this score of the first tight look, no wide look follows either."""
MOST_TIGHT, MOST_TIGHT_AGAIN = 80, 30
"""Suspects that are looked at tightly, the likeliest first, in a source and where something changed: clutter has
hundreds, and of all who were found so only one was not among the first eighty."""
OTHER = 0.1
"""How likely a thing of another class is somebody, beside a wanted one of the same score."""
WIDE_SUSPICION, WIDE_CONFUSION = 0.015, 0.02
"""Score from which on a small thing of a wanted, of any other class is worth a wide look."""
SMALL_THING = 112
"""Px of the detector's input: longer things gain nothing from a wide look."""
CLOSEST = 2.0
"""Enlargement of a wide look."""
SURROUNDINGS, HARDLY_ANY = 3.0, 1.6
"""Side of the window of a wide, of a tight look as a multiple of the thing's longer side."""
SMALLEST_WINDOW, SMALLEST_TIGHT = 160, 48
"""Px: a window smaller than this shows too little."""
FIRST_TIGHT, SECOND_TIGHT = (256, 448), (384, 640)
"""Longest side of the tight looks in px of the detector's input, of usual windows and of large ones. Only two sizes
each: some runtimes take a while for each new one."""
LARGE_WINDOW = 256
"""Px: a larger window would be shrunk at the usual sizes."""
SAME_PLACE = 0.3
"""Intersection over union from which on a tight look speaks of the thing that it was meant for."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that a first look was not sure of."""

    sighting: Sighting
    length: float
    """Longer side in px of the detector's input at that look."""
    believed: bool = True
    """Whether it counts, if its score does; otherwise only tight looks can tell."""


class Closer:
    """The second looks at one picture."""

    def __init__(self, eye: Eye, limits: dict[str, float]) -> None:
        """Take what looks, and the lowest score by wanted label."""
        self._eye = eye
        self._limits = limits
        self._least = min(WIDE_SUSPICION, *limits.values())

    def look(self, suspects: Sequence[Suspect], known: Sequence[Sighting]) -> list[Sighting]:
        """Look at each suspect, unless something known for sure explains it.

        Returns:
            What was seen, of every label and from the lowest score on.
        """
        sure = [s for s in known if s.detection.score >= SURE and not s.cut]
        open_ones = [
            s for s in suspects if not any(self._explains(other, s.sighting) for other in sure)
        ]
        wide = [s for s in open_ones if s.believed and self._counts(s.sighting)]
        doubtful = [s for s in open_ones if not (s.believed and self._counts(s.sighting))]
        likeliest = self._likeliest(doubtful)
        found: list[Sighting] = []
        unanswered = {id(s): s for s in doubtful if self._deserves_wide(s)}
        for suspect in likeliest:
            answer, best = self._tight(suspect.sighting.detection.box)
            found += answer
            if answer or best < UNLIKELY:
                unanswered.pop(id(suspect), None)
        return [*found, *self._wide([*wide, *unanswered.values()])]

    def _likeliest(self, suspects: Sequence[Suspect]) -> list[Suspect]:
        """Return the suspects that get a tight look, the likeliest first, one for each place."""
        if not suspects:
            return []
        found = [s.sighting.detection for s in suspects]
        boxes = np.array([(b.x0, b.y0, b.x1, b.y1) for b in (d.box for d in found)], np.float32)
        scores = [d.score * (1.0 if d.label in self._limits else OTHER) for d in found]
        kept = keep_best(
            boxes,
            np.array(scores, np.float32),
            np.zeros(len(found), np.int64),
            iou=0.5,
            most=MOST_TIGHT if self._eye.changed is None else MOST_TIGHT_AGAIN,
        )
        return [suspects[int(index)] for index in kept]

    def _tight(self, box: Box) -> tuple[list[Sighting], float]:
        """Return what two tight looks agree on, and the best score of the first of a wanted label."""
        first = max(self._seen(box, FIRST_TIGHT), key=_score, default=None)
        if first is None or _score(first) < LIKELY:
            return [], 0.0 if first is None else _score(first)
        # Round what was seen there: the suspect may have been a part of it.
        second = self._seen(first.detection.box, SECOND_TIGHT)
        return [s for s in second if _score(s) >= SURE and not s.cut], _score(first)

    def _seen(self, box: Box, sizes: tuple[int, int]) -> list[Sighting]:
        """Look at a box and hardly more: return what is seen of wanted labels in its place."""
        eye = self._eye
        eye.context.check_cancelled()
        side = max(SMALLEST_TIGHT, HARDLY_ANY * max(box.width, box.height))
        window = window_round(box, eye.width, eye.height, side)
        level = tight_look(eye.pixels, window, sizes[side > LARGE_WINDOW])
        seen = eye.look(level, window, threshold=self._least)
        return [
            s
            for s in seen
            if s.detection.label in self._limits and s.detection.box.iou(box) >= SAME_PLACE
        ]

    def _wide(self, suspects: Sequence[Suspect]) -> Iterator[Sighting]:
        """Look at windows that show each suspect, unless another shows it."""
        eye = self._eye
        windows: list[Tile] = []
        for box in sorted({s.sighting.detection.box for s in suspects}, key=_by_area):
            longer = max(box.width, box.height)
            side = max(SMALLEST_WINDOW, SURROUNDINGS * longer)
            if not any(self._shows(window, box, side) for window in windows):
                windows.append(window_round(box, eye.width, eye.height, side))
        for window in windows:
            eye.context.check_cancelled()
            level = closer_look(eye.pixels, window, closest=CLOSEST)
            yield from eye.look(level, window, threshold=self._least)

    def _counts(self, sighting: Sighting) -> bool:
        found = sighting.detection
        return found.label in self._limits and found.score >= self._limits[found.label]

    def _deserves_wide(self, suspect: Suspect) -> bool:
        found = suspect.sighting.detection
        least = self._least if found.label in self._limits else WIDE_CONFUSION
        return suspect.length <= SMALL_THING and found.score >= least

    def _explains(self, sure: Sighting, suspect: Sighting) -> bool:
        """Whether a suspect is only a part of what is seen for sure, or something that it wears."""
        if suspect.detection.label in self._limits:
            return stands_for(sure, suspect)
        return lies_in(suspect, sure)

    def _shows(self, window: Tile, box: Box, side: float) -> bool:
        """Whether a window of about the right size shows a box with some of its surroundings."""
        margin = 0.25 * max(box.width, box.height)
        return (
            window.x1 - window.x0 <= 1.5 * side
            and window.x0 <= max(0.0, box.x0 - margin)
            and window.y0 <= max(0.0, box.y0 - margin)
            and window.x1 >= min(self._eye.width, box.x1 + margin)
            and window.y1 >= min(self._eye.height, box.y1 + margin)
        )


def _score(sighting: Sighting) -> float:
    return sighting.detection.score


def _by_area(box: Box) -> tuple[float, ...]:
    """Largest first; the rest makes the order total."""
    return (-box.area, box.x0, box.y0, box.x1, box.y1)
