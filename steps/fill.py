"""Filling masked regions of a page from their surroundings, region by region."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import numpy as np

from steps.backends.contract import NO_WORDS, Inpainter, Words
from steps.compose import Region, blend, bounds, regions
from steps.contract import Context
from steps.errors import Cancelled
from steps.imaging.document import Mask, Pixels

PATIENCE = 0.2
"""Seconds between two looks whether the caller cancelled, while threads fill."""


def fill(
    pixels: Pixels,
    opacity: Mask,
    inpainter: Inpainter,
    context: Context,
    *,
    seed: int,
    forbidden: Mask | None = None,
    words: Words = NO_WORDS,
) -> Pixels:
    """Fill the masked regions, as many at a time as the environment has threads.

    Each region is filled from the page as it came, so neither order nor number of threads changes a byte.

    Args:
        pixels: the page, RGB uint8 (height, width, 3).
        opacity: uint8 (height, width), above 0 = to fill, 255 = fully.
        inpainter: fills one crop.
        context: for progress, cancellation and the number of threads.
        seed: of everything random.
        forbidden: uint8 (height, width), above 0 = must not be copied from.
        words: what is wanted there.

    Returns:
        A new page; bit-identical where the opacity is 0.

    Raises:
        Cancelled: the caller wants the work stopped.
    """
    context.check_cancelled()
    result = pixels.copy()
    # The largest first: a small one at the end leaves no thread waiting long.
    found = sorted(regions(opacity), key=lambda region: -region.crop.area)
    stopped = threading.Event()

    def check() -> None:
        if stopped.is_set():
            raise Cancelled("the caller cancelled the work")

    def one(region: Region) -> None:
        check()
        _fill_region(result, pixels, opacity, region, inpainter, seed, check, forbidden, words)

    done, whole = 0, sum(region.crop.area for region in found)
    with ThreadPoolExecutor(max(1, min(context.environment.threads, len(found)))) as pool:
        try:
            work = {pool.submit(one, region): region.crop.area for region in found}
            while work:
                context.check_cancelled()
                ended, _ = wait(work, timeout=PATIENCE, return_when=FIRST_COMPLETED)
                for future in ended:
                    done += work.pop(future)
                    future.result()
                    context.progress(done / whole, "filling")
        finally:
            stopped.set()
    return result


def _fill_region(
    result: Pixels,
    pixels: Pixels,
    opacity: Mask,
    region: Region,
    inpainter: Inpainter,
    seed: int,
    check_cancelled: Callable[[], None],
    forbidden: Mask | None,
    words: Words,
) -> None:
    """Fill one region and lay it into `result`, touching no pixel of another region."""
    area = region.crop.slices
    # What another region will replace must not be copied from, and neither must what is forbidden.
    taboo = (opacity[area] > 0) & (region.mask == 0)
    if forbidden is not None:
        taboo |= (forbidden[area] > 0) & (region.mask == 0)
    filled = inpainter.inpaint(
        pixels[area],
        region.mask,
        seed=seed,
        check_cancelled=check_cancelled,
        forbidden=np.where(taboo, 255, 0).astype(np.uint8),
        words=words,
    )
    inner = bounds(region.mask)
    if inner is None:
        return
    own = region.mask[inner.slices] > 0
    edge = np.where(own, opacity[area][inner.slices], 0).astype(np.uint8)
    laid = blend(pixels[area][inner.slices], filled[inner.slices], edge)
    result[area][inner.slices][own] = laid[own]


def soften(core: Mask, radius: int, feather: float) -> Mask:
    """Grow a mask by `radius` px, with a ramp of `feather` px at the outer edge of the grown ring.

    Args:
        core: uint8 (height, width), above 0 = the thing itself, which stays fully opaque.
        radius: px by which it grows.
        feather: px of the ramp, at most `radius`.

    Returns:
        Opacity, uint8 (height, width).
    """
    import cv2

    outside = np.where(core > 0, 0, 255).astype(np.uint8)
    if not outside.any():
        return np.full_like(core, 255)
    apart = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ramp = np.clip((radius + 1 - apart) / (feather + 1), 0.0, 1.0)
    opacity: Mask = np.ceil(ramp * 255).astype(np.uint8)
    opacity[core > 0] = 255
    return opacity


def seam_of(pixels: Pixels, mask: Mask) -> float | None:
    """Measure whether a mask's border shows: the mean step across it over the mean step beside it.

    Steps are differences of neighbouring pixels, along rows and columns, all channels. Beside means two
    px outside the border, where the picture is the source's own. About 1 is no seam.

    Args:
        pixels: the filled page, RGB uint8 (height, width, 3).
        mask: uint8 (height, width), above 0 = filled.

    Returns:
        The ratio; None where the mask has no border, or the surroundings have no steps to compare with.
    """
    across: list[float] = []
    beside: list[float] = []
    for picture, marked in ((pixels, mask > 0), (pixels.swapaxes(0, 1), (mask > 0).T)):
        steps = np.abs(np.diff(picture.astype(np.int16), axis=0)).mean(axis=2)
        border = marked[1:] != marked[:-1]
        across.append(float(steps[border].sum()))
        near = np.zeros_like(border)
        for shift in (2, -2):
            near |= np.roll(border, shift, axis=0)
        near &= ~(marked[1:] | marked[:-1])
        count = max(1, int(near.sum()))
        beside.append(float(steps[near].sum()) / count * int(border.sum()))
    return sum(across) / sum(beside) if sum(beside) > 0 and sum(across) > 0 else None
