"""One detector's search of one picture: several scales, tiles, and a second look where it doubts (`closer`).

Two kinds of false alarm come from tiles, and are told by what other looks say of the place: something large that
only a fine look sees, though it is large enough to be seen from farther away; and something at a tile's edge that
nobody sees as a whole (the foot of a post, cut off from it, is a shoe).
"""

import math
from collections.abc import Sequence

from steps.anonymize.closer import SMALL_THING, SURE, Closer, Suspect
from steps.anonymize.eye import Eye
from steps.anonymize.levels import Level, levels, shares, shrink, sizes, window_round
from steps.anonymize.merge import Sighting, merge, shows_some_of
from steps.backends.contract import Box
from steps.contract import Context

SUSPICION = 0.004
"""Score from which on a thing of a wanted class gets a second look; thresholds below it lower it."""
CONFUSION = 0.01
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
DOUBTFUL_THING = 160
"""Px of the detector's input at the finest size: longer things are shown whole by the sizes before."""


class Search:
    """One detector's search of one picture."""

    def __init__(self, eye: Eye, limits: dict[str, float]) -> None:
        """Take what looks, and the lowest score by wanted label."""
        self._eye = eye
        self._limits = limits
        self._suspicion = min(SUSPICION, *limits.values())

    def everywhere(self, *, tiled: bool) -> list[Sighting]:
        """Look at every level, then, if tiles are wanted, closer where something was suspected."""
        seen: list[Sighting] = []
        suspects: list[Suspect] = []
        coarser: list[Sighting] = []
        planned = sizes(self._eye.width, self._eye.height, tiled=tiled)
        looks = zip(levels(self._eye.pixels, tiled=tiled), shares(planned), strict=True)
        for level, (start, end) in looks:
            looked = self._look_over(level, self._eye.context.span(0.9 * start, 0.9 * end))
            believable = [s for s in looked if self._is_believable(s, level, coarser)]
            coarser += (s for s in believable if self._is_wanted(s))
            seen += (s for s in believable if self._counts(s))
            finest = level.size == planned[-1]
            suspects += self._suspects(believable, level, finest=finest)
            if finest:
                suspects += self._unbelieved(looked, believable, level)
        closer = Closer(self._eye, self._limits).look(suspects, merge(seen)) if tiled else []
        witnesses = [*(s for s in coarser if not s.cut), *closer]
        return [
            *(s for s in seen if not s.cut or any(shows_some_of(w, s) for w in witnesses)),
            # What the window of a closer look cuts was looked at elsewhere, or is no suspect at all.
            *(s for s in closer if self._counts(s) and not s.cut),
        ]

    def _look_over(self, level: Level, context: Context) -> list[Sighting]:
        """Look at every tile of a level in which something changed."""
        changed = None if self._eye.changed is None else shrink(self._eye.changed, level)
        seen: list[Sighting] = []
        for done, tile in enumerate(level.tiles):
            context.progress(done / len(level.tiles), "looking")
            if changed is None or tile.touches(changed):
                seen += self._eye.look(level, tile, threshold=self._suspicion)
        return seen

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
        faint = min(FAINT, self._limits[label])
        return any(w.detection.score >= faint and shows_some_of(w, sighting) for w in coarser)

    def _is_wanted(self, sighting: Sighting) -> bool:
        return sighting.detection.label in self._limits

    def _counts(self, sighting: Sighting) -> bool:
        found = sighting.detection
        return found.score >= self._limits.get(found.label, math.inf)

    def _suspects(
        self, sightings: Sequence[Sighting], level: Level, *, finest: bool
    ) -> list[Suspect]:
        """Return what to look at closer; what is small at another than the finest size is larger at the next."""
        found: list[Suspect] = []
        for sighting in sightings:
            box, score = sighting.detection.box, sighting.detection.score
            length = max(box.width, box.height) * level.scale
            least = self._suspicion if self._is_wanted(sighting) else CONFUSION
            longest = SMALL_THING if self._counts(sighting) else DOUBTFUL_THING
            doubtful = finest and length <= longest and least <= score < SURE
            cut = sighting.cut and self._counts(sighting)
            if (cut or doubtful) and self._may_be_new(box):
                found.append(Suspect(sighting, length))
        return found

    def _unbelieved(
        self, looked: Sequence[Sighting], believable: Sequence[Sighting], level: Level
    ) -> list[Suspect]:
        """Return what scores enough and has no witness, but may get one by a closer look."""
        believed = set(believable)
        return [
            Suspect(s, max(s.detection.box.width, s.detection.box.height) * level.scale, False)
            for s in looked
            if s not in believed and self._counts(s) and self._may_be_new(s.detection.box)
        ]

    def _may_be_new(self, box: Box) -> bool:
        if self._eye.changed is None:
            return True
        side = 1.5 * max(box.width, box.height)
        return window_round(box, self._eye.width, self._eye.height, side).touches(self._eye.changed)
