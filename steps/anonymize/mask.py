"""From detections to masks: which pixels go, and how softly the edge is laid in.

Privacy comes first: a mask follows the body only where the segmenter is sure of it; otherwise it is
the whole box. The grown ring around the body holds the soft edge, so that no pixel of the body itself
shines through, and pixels outside the ring are never touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detection, Segmenter
from steps.compose import Crop, bounds
from steps.fill import soften
from steps.imaging.document import Mask, Pixels

Shape: TypeAlias = Literal["segmentation", "ellipse", "box"]

LEAST_SHARE = 0.33
"""A body fills at least this share of its box; below, the outline is not trusted."""
LEAST_EXTENT = 0.85
"""The outline reaches over at least this share of the box's longer side, or a head or feet are missing."""
LEAST_GROWTH = 3
"""Every mask grows by at least this many px: outlines are soft over two or three."""
OUTLINE_ERROR = 1 / 64
"""How far an outline found at 256 px may be off, as a share of the box's longer side."""
EDGE = 0.03
"""A box nearer to the picture's edge than this share of its width is taken to be cut by it."""
GAP = 0.02
"""Gaps in an outline up to twice this share of the box's longer side are closed: a patch of cloth was missed."""
CRUMB = 0.005
"""A piece smaller than this share of the box is none of the person's."""
HOLE = 0.08
"""A hole of at least this share of the body round it is not missed cloth but what arms and legs enclose."""
ISLAND = 0.06
"""An island smaller than this share of the mask round it goes with the mask."""
NEIGHBOURHOOD = 0.1
"""How far beyond its box a body is followed, as a share of the box's longer side."""


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
    return [_removal(pixels, d, parameters, segmenter, growth) for d in detections]


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
    pixels: Pixels,
    detection: Detection,
    parameters: AnonymizeParameters,
    segmenter: Segmenter | None,
    growth: float,
) -> Removal:
    height, width = pixels.shape[:2]
    box = detection.box
    scale = max(1.0, min(box.width, box.height))
    shape, core = _core(pixels, detection, parameters.mask, segmenter)
    ring = max(LEAST_GROWTH, parameters.dilate * scale) * growth
    if shape == "segmentation":
        ring = max(ring, OUTLINE_ERROR * max(box.width, box.height))
    radius = int(np.ceil(ring))
    inner = bounds(core) or _pixels_of(box, width, height)
    crop = inner.grown(radius + 1, width, height)
    feather = min(parameters.feather * scale, ring)
    return Removal(detection, shape, crop, soften(core[crop.slices], radius, feather))


def _core(
    pixels: Pixels, detection: Detection, wanted: str, segmenter: Segmenter | None
) -> tuple[Shape, Mask]:
    height, width = pixels.shape[:2]
    core = np.zeros((height, width), np.uint8)
    crop = _pixels_of(detection.box, width, height)
    if wanted == "ellipse" or (wanted == "auto" and detection.label == "face"):
        _draw_ellipse(core, detection.box)
        return "ellipse", core
    known = segmenter is not None and (
        segmenter.labels is None or detection.label in segmenter.labels
    )
    if wanted in {"auto", "segmentation"} and known:
        assert segmenter is not None  # noqa: S101 - `known` says so
        body = _body(segmenter.segment(pixels, detection.box), detection.box)
        if _sure(body, crop, cut=_is_cut(crop, width, height)):
            return "segmentation", body
    core[crop.slices] = 255
    return "box", core


def _is_cut(crop: Crop, width: int, height: int) -> bool:
    """Whether the picture's left, right or upper edge cuts the thing."""
    margin = max(1, round(EDGE * crop.width))
    return crop.x0 < margin or crop.x1 > width - margin or crop.y0 == 0


def _sure(body: Mask, crop: Crop, *, cut: bool) -> bool:
    """Whether an outline can be trusted; of half a body, only one that reaches far in both directions."""
    inside = body[crop.slices]
    extent = bounds(inside)
    if extent is None or (inside > 0).mean() < LEAST_SHARE:
        return False
    if cut:
        return (
            extent.height >= LEAST_EXTENT * crop.height
            and extent.width >= LEAST_EXTENT * crop.width
        )
    if crop.height >= crop.width:
        return extent.height >= LEAST_EXTENT * crop.height
    return extent.width >= LEAST_EXTENT * crop.width


def _body(mask: Mask, box: Box) -> Mask:
    """Keep what lies in or near the box, without crumbs, gaps and holes; what arms and legs enclose may stay open."""
    import cv2

    height, width = mask.shape
    near = _pixels_of(box, width, height)
    near = near.grown(round(NEIGHBOURHOOD * max(box.width, box.height)), width, height)
    body = np.zeros_like(mask)
    gap = 2 * round(GAP * max(box.width, box.height)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    inner = cv2.morphologyEx(np.ascontiguousarray(mask[near.slices]), cv2.MORPH_CLOSE, kernel)
    outlines, tree = cv2.findContours(inner, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    view = np.zeros_like(inner)
    around = [] if tree is None else tree[0][:, 3].tolist()
    areas = [cv2.contourArea(outline) for outline in outlines]
    for number, outer in enumerate(around):
        if outer < 0 and areas[number] >= CRUMB * box.area:
            cv2.drawContours(view, outlines, number, 255, cv2.FILLED)
    whole = view.copy()
    for number, outer in enumerate(around):
        if outer >= 0 and areas[number] >= HOLE * areas[outer]:
            cv2.drawContours(view, outlines, number, 0, cv2.FILLED)
    # A hole's outline runs over the body's own pixels.
    view[(inner > 0) & (whole > 0)] = 255
    body[near.slices] = view
    return body


def _pixels_of(box: Box, width: int, height: int) -> Crop:
    """Return the whole pixels that a box touches; at least one, within the picture."""
    x0 = min(max(0, int(np.floor(box.x0))), width - 1)
    y0 = min(max(0, int(np.floor(box.y0))), height - 1)
    x1 = max(x0 + 1, min(width, int(np.ceil(box.x1))))
    y1 = max(y0 + 1, min(height, int(np.ceil(box.y1))))
    return Crop(x0, y0, x1, y1)


def _draw_ellipse(core: Mask, box: Box) -> None:
    """Draw the ellipse round a box of a face: a little larger than the box's own, so that ears go too."""
    import cv2

    centre = (round((box.x0 + box.x1) / 2), round((box.y0 + box.y1) / 2))
    axes = (max(1, round(box.width * 0.6)), max(1, round(box.height * 0.6)))
    cv2.ellipse(core, centre, axes, 0, 0, 360, 255, cv2.FILLED)
