"""From detections to masks: which pixels go, and how softly the edge is laid in.

The grown ring around a thing (`outline`) holds the soft edge, so that no pixel of the thing itself shines
through, and pixels outside the ring are never touched.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from steps.anonymize.outline import Outline, Shape, outline_of, outlines_of
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Detection, Segmenter
from steps.compose import Crop, bounds
from steps.fill import soften
from steps.imaging.document import Mask, Pixels

LEAST_GROWTH = 3
"""Every mask grows by at least this many px: outlines are soft over two or three."""
OUTLINE_ERROR = 1 / 64
"""How far an outline found at 256 px may be off, as a share of the box's longer side."""
ISLAND = 0.06
"""An island smaller than this share of the mask round it goes with the mask."""


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that goes: where, in which shape, and how opaque what replaces it is."""

    detection: Detection
    shape: Shape
    crop: Crop
    """Where `opacity` lies in the page."""
    opacity: Mask
    """uint8 of the crop's size: 255 on the thing, a ramp in the ring around it, 0 outside."""

    @property
    def scale(self) -> float:
        """The shorter side of the thing's box in px: what sizes are relative to."""
        return max(1.0, min(self.detection.box.width, self.detection.box.height))


class Outlines:
    """The outlines of things on one page, each found once, however often masks grow."""

    def __init__(
        self, pixels: Pixels, segmenter: Segmenter | None, wanted: str, threads: int = 1
    ) -> None:
        """Take the page (RGB uint8 (height, width, 3)), what finds outlines, and `AnonymizeParameters.mask`.

        Args:
            pixels: the page.
            segmenter: finds outlines; None takes the boxes.
            wanted: the shape that the caller asked for.
            threads: things looked at side by side; changes nothing but the time.
        """
        self._pixels, self._segmenter = pixels, segmenter
        self._wanted, self._threads = wanted, threads
        self._known: dict[Detection, Outline] = {}

    def of(self, detections: Sequence[Detection]) -> list[Outline]:
        """Return the outline of each."""
        new = [d for d in dict.fromkeys(detections) if d not in self._known]
        if self._segmenter is not None and self._segmenter.shares_work:
            self._known.update(
                zip(new, outlines_of(self._pixels, new, self._wanted, self._segmenter), strict=True)
            )
            return [self._known[d] for d in detections]
        with ThreadPoolExecutor(max(1, min(self._threads, len(new)))) as pool:
            self._known.update(zip(new, pool.map(self._outline, new), strict=True))
        return [self._known[d] for d in detections]

    def removals(
        self,
        detections: Sequence[Detection],
        parameters: AnonymizeParameters,
        *,
        growth: float = 1.0,
    ) -> list[Removal]:
        """Return what is to be removed for each; see `removals_of`."""
        height, width = self._pixels.shape[:2]
        return [
            _removal(outline, detection, parameters, growth, (width, height))
            for outline, detection in zip(self.of(detections), detections, strict=True)
        ]

    def _outline(self, detection: Detection) -> Outline:
        return outline_of(self._pixels, detection, self._wanted, self._segmenter)


def removals_of(
    pixels: Pixels,
    detections: Sequence[Detection],
    parameters: AnonymizeParameters,
    segmenter: Segmenter | None,
    *,
    growth: float = 1.0,
) -> list[Removal]:
    """Return what is to be removed for each detection.

    Args:
        pixels: the page, RGB uint8 (height, width, 3).
        detections: boxes in its pixels.
        parameters: `mask`, `dilate` and `feather` are used.
        segmenter: finds outlines; None takes the boxes.
        growth: multiplies how far masks grow; above 1 in later rounds.
    """
    outlines = Outlines(pixels, segmenter, parameters.mask)
    return outlines.removals(detections, parameters, growth=growth)


def opacity_of(removals: Sequence[Removal], width: int, height: int, keep: Mask | None) -> Mask:
    """Return the page's opacity: the largest of all removals, 0 in the keep zones.

    Small islands that masks enclose go too: a scrap of background between two legs fits no fill.

    Args:
        removals: of this page.
        width: of the page in px.
        height: of the page in px.
        keep: uint8 (height, width), 255 = never changed; None keeps nothing.
    """
    opacity = np.zeros((height, width), np.uint8)
    for removal in removals:
        view = opacity[removal.crop.slices]
        np.maximum(view, removal.opacity, out=view)
    _fill_islands(opacity)
    if keep is not None:
        opacity[keep > 0] = 0
    return opacity


def _fill_islands(opacity: Mask) -> None:
    """Mask the small islands that fully opaque masks enclose, their soft shores too."""
    import cv2

    inner = bounds(opacity)
    if inner is None:
        return
    view = opacity[inner.slices]
    opaque = np.where(view == 255, 255, 0).astype(np.uint8)
    outlines, tree = cv2.findContours(opaque, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    island = np.zeros_like(opaque)
    for number, outer in enumerate([] if tree is None else tree[0][:, 3].tolist()):
        if outer >= 0 and cv2.contourArea(outlines[number]) < ISLAND * cv2.contourArea(
            outlines[outer]
        ):
            cv2.drawContours(island, outlines, number, 255, cv2.FILLED)
    view[island > 0] = 255


def _removal(
    outline: Outline,
    detection: Detection,
    parameters: AnonymizeParameters,
    growth: float,
    size: tuple[int, int],
) -> Removal:
    """Grow an outline in a page of `size` (width, height)."""
    box = detection.box
    scale = max(1.0, min(box.width, box.height))
    ring = max(LEAST_GROWTH, parameters.dilate * scale) * growth
    if outline.shape == "segmentation":
        ring = max(ring, OUTLINE_ERROR * max(box.width, box.height))
    radius = int(np.ceil(ring))
    crop = outline.crop.grown(radius + 1, *size)
    core = np.zeros((crop.height, crop.width), np.uint8)
    left, top = outline.crop.x0 - crop.x0, outline.crop.y0 - crop.y0
    core[top : top + outline.crop.height, left : left + outline.crop.width] = outline.mask
    feather = min(parameters.feather * scale, ring)
    return Removal(detection, outline.shape, crop, soften(core, radius, feather))
