"""From one detection to the pixels that show the thing: its outline where that is sure, else a plain shape.

Privacy comes first: an outline is followed only where the segmenter is sure of it; otherwise the whole box goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from steps.backends.contract import Box, Detection, Segmenter
from steps.compose import Crop, bounds
from steps.imaging.document import Mask, Pixels

Shape: TypeAlias = Literal["segmentation", "ellipse", "box"]

LEAST_SHARE = 0.33
"""A body fills at least this share of its box; below, the outline is not trusted."""
LEAST_EXTENT = 0.85
"""The outline reaches over at least this share of the box's longer side, or a head or feet are missing."""
EDGE = 0.03
"""A box nearer to the picture's edge than this share of its width is taken to be cut by it."""
GAP = 0.02
"""Gaps in an outline up to twice this share of the box's longer side are closed: a patch of cloth was missed."""
CRUMB = 0.005
"""A piece smaller than this share of the box is none of the person's."""
HOLE = 0.08
"""A hole of at least this share of the body round it is not missed cloth but what arms and legs enclose."""
NEIGHBOURHOOD = 0.1
"""How far beyond its box a body is followed, as a share of the box's longer side."""
SURROUNDINGS = 1.0
"""How much of the page round a box is worked on, as a share of the box's longer side: what segmenters look at."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The pixels that show a thing."""

    shape: Shape
    crop: Crop
    """Where `mask` lies in the page; the smallest that holds the thing."""
    mask: Mask
    """uint8 of the crop's size, 255 = the thing."""


def outline_of(
    pixels: Pixels,
    detection: Detection,
    wanted: str,
    segmenter: Segmenter | None,
    segmented: Mask | None = None,
) -> Outline:
    """Return which pixels of a page show a thing; at least one.

    Args:
        pixels: the page, RGB uint8 (height, width, 3).
        detection: the thing, its box in px of the page.
        wanted: `AnonymizeParameters.mask`.
        segmenter: finds outlines; None takes the box.
        segmented: what the segmenter said of the thing's `window_of` already; None asks it.
    """
    height, width = pixels.shape[:2]
    touched = pixels_of(detection.box, width, height)
    window = window_of(detection.box, width, height)
    shape, mask = _drawn(pixels, detection, wanted, segmenter, window, segmented)
    inner = bounds(mask)
    if inner is None:
        return Outline("box", touched, np.full((touched.height, touched.width), 255, np.uint8))
    x, y = window.x0, window.y0
    crop = Crop(inner.x0 + x, inner.y0 + y, inner.x1 + x, inner.y1 + y)
    return Outline(shape, crop, mask[inner.slices].copy())


def outlines_of(
    pixels: Pixels, detections: Sequence[Detection], wanted: str, segmenter: Segmenter
) -> list[Outline]:
    """Return what `outline_of` does for each, asking the segmenter once for all whose outline is followed."""
    height, width = pixels.shape[:2]
    asked = [d for d in detections if _is_followed(d, wanted, segmenter)]
    windows = [window_of(d.box, width, height) for d in asked]
    found = segmenter.segment_all(pixels, [d.box for d in asked], windows) if asked else []
    bodies = dict(zip(asked, found, strict=True))
    return [outline_of(pixels, d, wanted, segmenter, bodies.get(d)) for d in detections]


def window_of(box: Box, width: int, height: int) -> Crop:
    """Return the surroundings of a box in a page of width × height px that are worked on.

    Work on the whole page would cost a large picture more than the segmenter does.
    """
    room = round(SURROUNDINGS * max(box.width, box.height)) + 8
    return pixels_of(box, width, height).grown(room, width, height)


def pixels_of(box: Box, width: int, height: int) -> Crop:
    """Return the whole pixels that a box touches; at least one, within the picture."""
    x0 = min(max(0, int(np.floor(box.x0))), width - 1)
    y0 = min(max(0, int(np.floor(box.y0))), height - 1)
    x1 = max(x0 + 1, min(width, int(np.ceil(box.x1))))
    y1 = max(y0 + 1, min(height, int(np.ceil(box.y1))))
    return Crop(x0, y0, x1, y1)


def _is_followed(detection: Detection, wanted: str, segmenter: Segmenter | None) -> bool:
    """Whether a thing's outline is asked for."""
    if segmenter is None or wanted not in {"auto", "segmentation"}:
        return False
    if wanted == "auto" and detection.label == "face":
        return False
    return segmenter.labels is None or detection.label in segmenter.labels


def _drawn(
    pixels: Pixels,
    detection: Detection,
    wanted: str,
    segmenter: Segmenter | None,
    window: Crop,
    segmented: Mask | None,
) -> tuple[Shape, Mask]:
    """Return the thing's shape, and its pixels within the window."""
    height, width = pixels.shape[:2]
    mask = np.zeros((window.height, window.width), np.uint8)
    box = _within(detection.box, window)
    if wanted == "ellipse" or (wanted == "auto" and detection.label == "face"):
        _draw_ellipse(mask, box)
        return "ellipse", mask
    inside = pixels_of(box, window.width, window.height)
    if segmenter is not None and _is_followed(detection, wanted, segmenter):
        found = segmenter.segment(pixels[window.slices], box) if segmented is None else segmented
        body = _body(found, box)
        if _sure(body, inside, cut=_is_cut(pixels_of(detection.box, width, height), width)):
            return "segmentation", body
    mask[inside.slices] = 255
    return "box", mask


def _within(box: Box, window: Crop) -> Box:
    """Return a box in px of the window."""
    return Box(box.x0 - window.x0, box.y0 - window.y0, box.x1 - window.x0, box.y1 - window.y0)


def _is_cut(crop: Crop, width: int) -> bool:
    """Whether the picture's left, right or upper edge cuts the thing."""
    margin = max(1, round(EDGE * crop.width))
    return crop.x0 < margin or crop.x1 > width - margin or crop.y0 == 0


def _sure(body: Mask, crop: Crop, *, cut: bool) -> bool:
    """Whether an outline can be trusted; of half a body, only one that reaches far in both directions."""
    inside = body[crop.slices]
    extent = bounds(inside)
    if extent is None or (inside > 0).mean() < LEAST_SHARE:
        return False
    tall = extent.height >= LEAST_EXTENT * crop.height
    wide = extent.width >= LEAST_EXTENT * crop.width
    if cut:
        return tall and wide
    return tall if crop.height >= crop.width else wide


def _body(mask: Mask, box: Box) -> Mask:
    """Keep what lies in or near the box, without crumbs, gaps and holes; what arms and legs enclose may stay open."""
    import cv2

    height, width = mask.shape
    near = pixels_of(box, width, height)
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


def _draw_ellipse(mask: Mask, box: Box) -> None:
    """Draw the ellipse round a box of a face: a little larger than the box's own, so that ears go too."""
    import cv2

    centre = (round((box.x0 + box.x1) / 2), round((box.y0 + box.y1) / 2))
    axes = (max(1, round(box.width * 0.6)), max(1, round(box.height * 0.6)))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, cv2.FILLED)
