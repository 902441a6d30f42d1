"""One detector's eye on one picture: looks at windows of it, and tells what was seen in px of the whole."""

from dataclasses import dataclass

from steps.anonymize.levels import Level
from steps.anonymize.memory import Memory
from steps.anonymize.merge import Sighting
from steps.anonymize.tiles import Tile
from steps.backends.contract import Box, Detection, Detector
from steps.contract import Context
from steps.imaging.document import Mask, Pixels


@dataclass(frozen=True, slots=True)
class Eye:
    """What every look at a picture needs."""

    pixels: Pixels
    """RGB uint8 (height, width, 3)."""
    detector: Detector
    memory: Memory
    context: Context
    changed: Mask | None = None
    """uint8 (height, width), 255 where the picture differs from one that was looked at before."""

    @property
    def width(self) -> int:
        """Of the picture in px."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Of the picture in px."""
        return int(self.pixels.shape[0])

    def look(self, level: Level, tile: Tile, *, threshold: float) -> list[Sighting]:
        """Look at a tile of a level, once: return what scores at least the threshold."""
        size = round(max(tile.x1 - tile.x0, tile.y1 - tile.y0) * level.enlarged)
        height, width = level.pixels.shape[:2]
        seen: list[Sighting] = []
        for found in self.memory.detect(
            self.detector, tile.of(level.pixels), size=size, threshold=threshold
        ):
            box = _moved(found.box, tile)
            cut = tile.cuts(box, width, height, slack=4 / level.enlarged)
            whole = _scaled(box, self.width / width, self.height / height)
            seen.append(Sighting(Detection(found.label, found.score, self._within(whole)), cut))
        return seen

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
