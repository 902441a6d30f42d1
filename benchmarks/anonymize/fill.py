"""How good the fill is, beside OpenCV's Telea and PatchMatch on the whole picture.

Everybody fills the same holes: where the people are, a little grown, whatever any detector sees; ours is the
fill of anonymize, called by the step "inpaint". The truth is the picture in which there were never people.
PSNR favours blur: read it with SSIM, with the agreement of edges and with the share of fine detail; and look
at the pictures (`--pictures`).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from benchmarks.anonymize import quality
from benchmarks.anonymize.scenes import Scene
from benchmarks.anonymize.subject import inpaint
from steps.imaging.document import Mask, Pixels

Fill = Callable[[Pixels, Mask], Pixels]
LARGE = "12 MP"
"""Name of the large scene."""
OURS = "Retusche"
"""Name of our way."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One way to fill one scene."""

    scene: str
    way: str
    psnr: float
    """Inside the mask, dB."""
    ssim: float
    """Inside the mask."""
    structure: float
    """Agreement of edges inside the mask, -1..1."""
    texture: float
    """Fine detail inside the mask, as a share of the truth's."""
    seconds: float
    """For the fill alone."""
    share: float
    """Share of the picture under the mask."""


def telea(pixels: Pixels, mask: Mask) -> Pixels:
    """Fill with OpenCV's fast marching method, 5 px of reach."""
    return cv2.inpaint(pixels, mask, 5, cv2.INPAINT_TELEA).astype(np.uint8)


def patchmatch(patch: int, pixels: Pixels, mask: Mask) -> Pixels:
    """Fill with pypatchmatch, as its documentation calls it, on the whole picture."""
    import patchmatch as library

    library.set_random_seed(0)
    filled = library.inpaint(pixels, mask, patch_size=patch)
    return np.asarray(filled, dtype=np.uint8)


def peers(*, large: bool) -> Mapping[str, Fill]:
    """Return the others; large patches would take minutes on large pictures."""
    patch = 3 if large else 7
    return {
        "OpenCV Telea, whole picture": telea,
        f"PatchMatch {patch}, whole picture": partial(patchmatch, patch),
    }


def compare(
    name: str, scene: Scene, others: Mapping[str, Fill], keep: Callable[[str, Pixels], None]
) -> list[Filled]:
    """Fill a scene in every way, the step first; `keep` receives the pictures by name."""
    ours = inpaint(scene.pixels, hole(scene))
    keep(f"fill-{name}-source", scene.pixels)
    keep(f"fill-{name}-{OURS}", ours.pixels)
    rows = [_row(name, OURS, ours.pixels, scene, ours.mask, ours.seconds)]
    for way, fill in others.items():
        began = time.perf_counter()
        filled = fill(scene.pixels, ours.mask)
        took = time.perf_counter() - began
        keep(f"fill-{name}-{way}", filled)
        rows.append(_row(name, way, filled, scene, ours.mask, took))
    return rows


def hole(scene: Scene) -> Mask:
    """Return what is to be filled: wherever a person shows at all, and 2 px round it (255 = fill)."""
    people = np.where(scene.opacity > 0, 255, 0).astype(np.uint8)
    return cv2.dilate(people, np.ones((5, 5), np.uint8)).astype(np.uint8)


def _row(name: str, way: str, filled: Pixels, scene: Scene, mask: Mask, seconds: float) -> Filled:
    return Filled(
        scene=name,
        way=way,
        psnr=quality.psnr(filled, scene.truth, mask),
        ssim=quality.ssim(filled, scene.truth, mask),
        structure=quality.structure(filled, scene.truth, mask),
        texture=quality.texture(filled, scene.truth, mask),
        seconds=seconds,
        share=float((mask > 0).mean()),
    )


def mean(rows: list[Filled]) -> list[Filled]:
    """Average the rows of each way, in the order of their first appearance."""
    ways = list(dict.fromkeys(row.way for row in rows))
    groups = [[row for row in rows if row.way == way] for way in ways]
    return [
        Filled(
            scene=f"mean of {len(group)}",
            way=way,
            psnr=float(np.mean([r.psnr for r in group])),
            ssim=float(np.mean([r.ssim for r in group])),
            structure=float(np.mean([r.structure for r in group])),
            texture=float(np.mean([r.texture for r in group])),
            seconds=float(np.mean([r.seconds for r in group])),
            share=float(np.mean([r.share for r in group])),
        )
        for way, group in zip(ways, groups, strict=True)
    ]
