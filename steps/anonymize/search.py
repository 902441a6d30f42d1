"""One detector's search of one picture: several scales, tiles, and a second look where it doubts.

Where it suspects something small, or saw something that a tile's edge cut, it looks again, closer
and with the thing in the middle. Two kinds of false alarm come from tiles, and are told by what other
looks say of the place: something large that only a fine look sees, though it is large enough to be
seen from farther away; and something at a tile's edge that nobody sees as a whole (the foot of a post,
cut off from it, is a shoe).
"""

import math
from collections.abc import Iterator, Sequence

from steps.anonymize.levels import (
    Level,
    closer_look,
    levels,
    shares,
    shrink,
    sizes,
    window_round,
)
from steps.anonymize.memory import Memory
from steps.anonymize.merge import Sighting, lies_in, merge, shows_some_of, stands_for
from steps.anonymize.tiles import Tile
from steps.backends.contract import Box, Detection, Detector
from steps.contract import Context
from steps.imaging.document import Mask, Pixels

SUSPICION = 0.015
"""Score from which on a small thing of a wanted class gets a second look; thresholds below it lower it."""
CONFUSION = 0.02
"""The same for a thing of any other class: a far person is often a bottle first."""
LARGE_THING = 220
"""Px of the detector's input. A longer thing is at least 70 px at the size before, and must be seen there."""
FAINT = 0.04
"""Lowest score that counts as seen there. Measured on people cut into clean photos and on the photos
themselves: of 55 people 52 scored 0.3 and more there, of 19 false alarms none more than 0.03."""
BEYOND_DOUBT = 0.7
"""A score from which on a large thing needs no witness: a dark coat in a dark garden has none, and the
false alarms reached 0.65."""
OVERVIEW_THING = 160
"""Px at the smallest size, half of the picture: shorter things are better seen at the sizes after it."""
SURE = 0.5
"""Score from which on a thing that no edge cut needs no second look."""
SMALL_THING = 112
"""Px of the detector's input: longer things gain nothing from a closer look."""
CLOSER = 2.0
"""Enlargement of the second look."""
SURROUNDINGS = 3.0
"""Side of the second look's window as a multiple of the thing's longer side."""
SMALLEST_WINDOW = 160
"""Px: a window smaller than this shows too little of the surroundings."""


class Search:
    """One detector's search of one picture."""

    def __init__(
        self,
        pixels: Pixels,
        detector: Detector,
        limits: dict[str, float],
        context: Context,
        changed: Mask | None,
        memory: Memory,
    ) -> None:
        self.pixels = pixels
        self.height, self.width = pixels.shape[:2]
        self.detector = detector
        self.limits = limits
        """Lowest score by label; other labels are not wanted."""
        self.suspicion = min(SUSPICION, *limits.values()) if limits else SUSPICION
        self.context = context
        self.changed = changed
        self.memory = memory

    def everywhere(self, *, tiled: bool) -> list[Sighting]:
        """Look at every level, then, if tiles are wanted, closer where something was suspected."""
        seen: list[Sighting] = []
        suspects: list[Sighting] = []
        coarser: list[Sighting] = []
        planned = sizes(self.width, self.height, tiled=tiled)
        looks = zip(levels(self.pixels, tiled=tiled), shares(planned), strict=True)
        for level, (start, end) in looks:
            looked = self._look_over(level, self.context.span(0.9 * start, 0.9 * end))
            believable = [s for s in looked if self._is_believable(s, level, coarser)]
            coarser += (s for s in believable if self._is_wanted(s))
            seen += (s for s in believable if self._counts(s))
            finest = level.size == planned[-1]
            suspects += (s for s in believable if self._is_suspect(s, level, finest=finest))
        closer = list(self._closer(suspects, merge(seen))) if tiled else []
        witnesses = [*(s for s in coarser if not s.cut), *closer]
        return [
            *(s for s in seen if not s.cut or any(shows_some_of(w, s) for w in witnesses)),
            # What the window of a closer look cuts was looked at elsewhere, or is no suspect at all.
            *(s for s in closer if self._counts(s) and not s.cut),
        ]

    def _look_over(self, level: Level, context: Context) -> list[Sighting]:
        """Look at every tile of a level in which something changed."""
        changed = None if self.changed is None else shrink(self.changed, level)
        seen: list[Sighting] = []
        for done, tile in enumerate(level.tiles):
            context.progress(done / len(level.tiles), "looking")
            if changed is None or tile.touches(changed):
                seen += self._look(level, tile)
        return seen

    def _look(self, level: Level, tile: Tile) -> Iterator[Sighting]:
        size = round(max(tile.x1 - tile.x0, tile.y1 - tile.y0) * level.enlarged)
        height, width = level.pixels.shape[:2]
        for found in self.memory.detect(
            self.detector, tile.of(level.pixels), size=size, threshold=self.suspicion
        ):
            box = _moved(found.box, tile)
            cut = tile.cuts(box, width, height, slack=4 / level.enlarged)
            whole = _scaled(box, self.width / width, self.height / height)
            yield Sighting(Detection(found.label, found.score, self._within(whole)), cut)

    def _is_believable(self, sighting: Sighting, level: Level, coarser: Sequence[Sighting]) -> bool:
        """Whether what was seen was also seen, if only faintly, at a size at which it shows as well."""
        box, label = sighting.detection.box, sighting.detection.label
        extent = max(box.width, box.height) * level.scale
        if level.is_overview:
            return extent >= OVERVIEW_THING
        if level.is_plain or extent < LARGE_THING or not self._is_wanted(sighting):
            return True
        if sighting.detection.score >= BEYOND_DOUBT:
            return True
        faint = min(FAINT, self.limits[label])
        return any(w.detection.score >= faint and shows_some_of(w, sighting) for w in coarser)

    def _is_wanted(self, sighting: Sighting) -> bool:
        return sighting.detection.label in self.limits

    def _counts(self, sighting: Sighting) -> bool:
        found = sighting.detection
        return found.score >= self.limits.get(found.label, math.inf)

    def _is_suspect(self, sighting: Sighting, level: Level, *, finest: bool) -> bool:
        """Whether to look closer; what is small at another than the finest size is larger at the next."""
        box, score = sighting.detection.box, sighting.detection.score
        small = finest and max(box.width, box.height) * level.scale <= SMALL_THING
        least = self.suspicion if self._is_wanted(sighting) else CONFUSION
        cut = sighting.cut and self._counts(sighting)
        return (cut or (small and least <= score < SURE)) and self._may_be_new(box)

    def _may_be_new(self, box: Box) -> bool:
        if self.changed is None:
            return True
        return window_round(box, self.width, self.height, 1.5 * max(box.width, box.height)).touches(
            self.changed
        )

    def _closer(self, suspects: list[Sighting], known: list[Sighting]) -> Iterator[Sighting]:
        """Look at each suspect in the middle of a window of its own, unless another shows it."""
        sure = [s for s in known if s.detection.score >= SURE and not s.cut]
        doubtful = [s for s in suspects if not any(self._explains(other, s) for other in sure)]
        windows: list[Tile] = []
        for box in sorted({s.detection.box for s in doubtful}, key=_by_area):
            longer = max(box.width, box.height)
            side = max(SMALLEST_WINDOW, SURROUNDINGS * longer)
            if not any(self._shows(window, box, side) for window in windows):
                windows.append(window_round(box, self.width, self.height, side))
        for window in windows:
            self.context.check_cancelled()
            yield from self._look(closer_look(self.pixels, window, closest=CLOSER), window)

    def _explains(self, sure: Sighting, suspect: Sighting) -> bool:
        """Whether a suspect is only a part of what is seen for sure, or something that it wears."""
        if self._is_wanted(suspect):
            return stands_for(sure, suspect)
        return lies_in(suspect, sure)

    def _shows(self, window: Tile, box: Box, side: float) -> bool:
        """Whether a window of about the right size shows a box with some of its surroundings."""
        margin = 0.25 * max(box.width, box.height)
        return (
            window.x1 - window.x0 <= 1.5 * side
            and window.x0 <= max(0.0, box.x0 - margin)
            and window.y0 <= max(0.0, box.y0 - margin)
            and window.x1 >= min(self.width, box.x1 + margin)
            and window.y1 >= min(self.height, box.y1 + margin)
        )

    def _within(self, box: Box) -> Box:
        return Box(
            min(max(0.0, box.x0), self.width),
            min(max(0.0, box.y0), self.height),
            min(max(0.0, box.x1), self.width),
            min(max(0.0, box.y1), self.height),
        )


def _moved(box: Box, tile: Tile) -> Box:
    return Box(box.x0 + tile.x0, box.y0 + tile.y0, box.x1 + tile.x0, box.y1 + tile.y0)


def _scaled(box: Box, x: float, y: float) -> Box:
    return Box(box.x0 * x, box.y0 * y, box.x1 * x, box.y1 * y)


def _by_area(box: Box) -> tuple[float, ...]:
    """Largest first; the rest makes the order total."""
    return (-box.area, box.x0, box.y0, box.x1, box.y1)
