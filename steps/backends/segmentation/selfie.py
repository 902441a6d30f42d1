"""MediaPipe's selfie segmentation: the outline of a person inside a box, in about 10 ms on a CPU.

In: a picture and a box. Out: a mask of the picture's size. The model (Apache-2.0, 250 KB, 256×256 px)
looks at square crops round the box and runs in OpenCV's own TFLite importer, since the library mediapipe
itself wants numpy 1 and a gigabyte of dependencies. It looks several times, and what any look takes for
the person counts: each alone misses a shoe or the tail of a coat now and then, and a mask that is too large
costs less than one that shows a person's shoe. Everyone is looked at mirrored too, and from farther away;
who is large enough to be shrunk for the model, twice from closer by; and whom the picture's edge cuts, twice
more, with the picture mirrored beyond its edge and with the square moved inside: half a person in front of
a repeated edge is often not seen as one.
Source: https://ai.google.dev/edge/mediapipe (Model Card MediaPipe Selfie Segmentation, 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from steps import weights
from steps.backends.contract import Box, Capability, Descriptor, Segmenter
from steps.environment import Environment
from steps.errors import WeightsInvalid
from steps.imaging.document import Mask, Pixels

SIZE = 256
"""Side of the model's input in px."""
EDGE = 0.03
"""A box nearer to the picture's edge than this share of its width is taken to be cut by it."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a box."""

    room: float = 1.1
    """Side of the square as a multiple of the box's longer side."""
    mirrored: bool = False
    """Whether left and right are exchanged."""
    aside: float = 0.0
    """How far the square's centre lies from the box's, along the box's longer side and as a share of it."""
    beyond: Literal["repeat", "mirror", "inside"] = "repeat"
    """What the square shows beyond the picture's edge: the edge itself repeated (black bars would look like a
    person's end), the picture mirrored, or nothing, since the square is moved inside."""


LOOKS = (Look(), Look(mirrored=True), Look(room=1.5))
CLOSER_LOOKS = (Look(room=0.6, aside=-0.1), Look(room=0.6, aside=0.1))
ADDED = 0.045
"""How far beyond what the looks at the whole have found a closer look is believed, as a share of the box's longer
side: it mends an outline, but without the whole person before it, it also takes a lawn for one."""
LOOKS_AT_THE_EDGE = (Look(beyond="mirror"), Look(beyond="inside"))
SURE = 0.3
"""Probability from which a pixel belongs to the person."""


class SelfieSegmenter(Segmenter):
    """The default segmenter, for people only."""

    descriptor = Descriptor(
        name="selfie-segmentation",
        capability=Capability.SEGMENTATION,
        summary="MediaPipe selfie segmentation: the outline of a person inside a box",
        licence="Apache-2.0",
        source="https://ai.google.dev/edge/mediapipe/solutions/vision/image_segmenter",
        requires=("cv2",),
        weights=("selfie-segmentation",),
        memory_mb=30,
        default=True,
        rank=50,
    )
    labels = ("person",)

    def __init__(self, nets: Sequence[Any]) -> None:
        """Take the opened model, once for each thread that may look at a time; `load` gives them."""
        self._free: SimpleQueue[Any] = SimpleQueue()
        """A net holds its input between two calls, so only one thread may use it at a time."""
        for net in nets:
            self._free.put(net)

    @classmethod
    def load(cls, environment: Environment) -> "SelfieSegmenter":
        """Open the weights.

        Raises:
            WeightsMissing, WeightsInvalid: the file is absent or damaged.
        """
        import cv2

        path = weights.path("selfie-segmentation", environment)
        try:
            return cls([cv2.dnn.readNetFromTFLite(str(path)) for _ in range(environment.threads)])
        except cv2.error as error:
            raise WeightsInvalid(f"{path.name} is no TFLite model: {error}") from error

    def segment(self, pixels: Pixels, box: Box) -> Mask:
        """Mark the person inside `box`; see `Segmenter.segment`."""
        height, width = pixels.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        for look in looks_at(box, width, height):
            self._look(pixels, mask, box, look)
        longer = max(box.width, box.height)
        if longer > SIZE:
            self._look_closer(pixels, mask, box, round(ADDED * longer))
        return mask

    def _look_closer(self, pixels: Pixels, mask: Mask, box: Box, reach: int) -> None:
        """Add to `mask` what closer looks take for the person within `reach` px of it."""
        import cv2

        seen = np.zeros_like(mask)
        for look in CLOSER_LOOKS:
            self._look(pixels, seen, box, look)
        height, width = mask.shape
        area = (
            slice(max(0, int(box.y0) - reach), min(height, int(box.y1) + reach + 1)),
            slice(max(0, int(box.x0) - reach), min(width, int(box.x1) + reach + 1)),
        )
        away = cv2.distanceTransform(
            np.where(mask[area] > 0, 0, 255).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5
        )
        mask[area][(seen[area] > 0) & (away <= reach)] = 255

    def _look(self, pixels: Pixels, mask: Mask, box: Box, look: Look) -> None:
        """Mark in `mask` what one look takes for the person."""
        import cv2

        height, width = mask.shape
        left, top, side = _square(box, look, width, height)
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(width, left + side), min(height, top + side)
        crop = cv2.copyMakeBorder(
            pixels[y0:y1, x0:x1],
            y0 - top,
            top + side - y1,
            x0 - left,
            left + side - x1,
            cv2.BORDER_REFLECT if look.beyond == "mirror" else cv2.BORDER_REPLICATE,
        )
        way = cv2.INTER_AREA if side > SIZE else cv2.INTER_LINEAR
        seen = np.asarray(cv2.resize(crop, (SIZE, SIZE), interpolation=way), np.uint8)
        turned = slice(None, None, -1 if look.mirrored else 1)
        probability = self._probability(np.ascontiguousarray(seen[:, turned]))[:, turned]
        full = cv2.resize(
            np.ascontiguousarray(probability), (side, side), interpolation=cv2.INTER_LINEAR
        )
        mask[y0:y1, x0:x1][full[y0 - top : y1 - top, x0 - left : x1 - left] >= SURE] = 255

    def _probability(self, seen: Pixels) -> NDArray[np.float32]:
        """Return for each pixel of the model's input how likely it shows the person, 0..1."""
        import cv2

        blob = cv2.dnn.blobFromImage(seen, 1 / 255)
        net = self._free.get()
        try:
            net.setInput(blob)
            return np.asarray(net.forward(), np.float32).reshape(SIZE, SIZE).copy()
        finally:
            self._free.put(net)


def looks_at(box: Box, width: int, height: int) -> tuple[Look, ...]:
    """Return the looks at the whole of a box in a picture of width × height px."""
    return (*LOOKS, *LOOKS_AT_THE_EDGE) if touches_edge(box, width, height) else LOOKS


def touches_edge(box: Box, width: int, height: int) -> bool:
    """Whether the left, right or upper edge of a picture (width × height px) cuts what is in the box.

    Below, people are cut at the knees or the waist, which the model knows well.
    """
    margin = max(1.0, EDGE * box.width)
    return box.x0 < margin or box.x1 > width - margin or box.y0 < 1


def _square(box: Box, look: Look, width: int, height: int) -> tuple[int, int, int]:
    """Return (left, top, side) in px of the square to look at."""
    side = max(2, round(look.room * max(box.width, box.height)))
    tall = box.height >= box.width
    left = round((box.x0 + box.x1 - side) / 2 + (0 if tall else look.aside * box.width))
    top = round((box.y0 + box.y1 - side) / 2 + (look.aside * box.height if tall else 0))
    if look.beyond == "inside":
        left = min(max(0, left), max(0, width - side))
        top = min(max(0, top), max(0, height - side))
    return left, top, side
