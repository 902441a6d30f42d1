"""Continuing one page beyond its edges, and measuring what came of it."""

import numpy as np

from steps.backends.contract import NO_WORDS, Inpainter, Words
from steps.compose import largest_difference_outside
from steps.contract import Context
from steps.fill import soften
from steps.imaging.document import Mask, Page, Pixels
from steps.outpaint.geometry import Extension
from steps.outpaint.grow import grow
from steps.outpaint.hidden import shown
from steps.outpaint.measure import measure
from steps.outpaint.report import OutpaintPage
from steps.outpaint.sources import not_copied
from steps.watch import Watch


def extend(
    page: Page,
    extension: Extension,
    watch: Watch,
    inpainter: Inpainter,
    context: Context,
    *,
    number: int,
    feather: int,
    words: Words = NO_WORDS,
) -> tuple[Page, OutpaintPage]:
    """Return the continued page and its record.

    Args:
        page: the original.
        extension: px to add on each side.
        watch: finds what must not be copied.
        inpainter: fills.
        context: for progress, cancellation and the seed.
        number: of the page, from 1; the seed depends on it.
        feather: px of the original that fade into the new area.
        words: what is to be seen there.
    """
    new = any(added for _, added in extension.sides())
    with context.phase("look"):
        seen = page.with_pixels(shown(page), page.alpha)
        taboo = not_copied(seen, extension, watch, context) if new else _nothing(page)
    context.progress(0.2, "looking")
    seed = int(context.rng("outpaint", number).integers(2**32))
    with context.phase("fill"):
        inner = context.span(0.2, 1.0)
        pixels = grow(
            seen.pixels,
            extension,
            taboo,
            inpainter,
            inner,
            seed=seed,
            feather=feather,
            words=words,
        )
    if page.grey:
        pixels = _grey(pixels)
    if page.alpha is not None:
        kept = _touched(page, extension, feather) == 0
        pixels[extension.inner(page.size)][kept] = page.pixels[kept]
    made = page.with_pixels(pixels, _alpha(page, extension, feather))
    return made, _record(page, made, extension, taboo, number, feather)


def _nothing(page: Page) -> Mask:
    return np.zeros(page.pixels.shape[:2], np.uint8)


def _grey(pixels: Pixels) -> Pixels:
    """Return the pixels without the trace of colour that mixing may leave; grey ones stay as they are."""
    if (pixels == pixels[..., :1]).all():
        return pixels
    return np.repeat(pixels[..., 1:2], 3, axis=2)


def _alpha(page: Page, extension: Extension, feather: int) -> Mask | None:
    """Return the opacity: the page's own, and opaque where it is new."""
    if page.alpha is None:
        return None
    hole = _frame(page, extension)
    alpha = hole.copy()
    alpha[extension.inner(page.size)] = page.alpha
    return np.maximum(alpha, soften(hole, feather, feather)) if feather else alpha


def _frame(page: Page, extension: Extension) -> Mask:
    """Return the mask of what is new."""
    width, height = extension.of(page.size)
    hole = np.full((height, width), 255, np.uint8)
    hole[extension.inner(page.size)] = 0
    return hole


def _touched(page: Page, extension: Extension, feather: int) -> Mask:
    """Mark which pixels of the original the feather reaches."""
    hole = _frame(page, extension)
    return (soften(hole, feather, feather) if feather and hole.any() else hole)[
        extension.inner(page.size)
    ]


def _record(
    page: Page, made: Page, extension: Extension, taboo: Mask, number: int, feather: int
) -> OutpaintPage:
    inner = extension.inner(page.size)
    touched = _touched(page, extension, feather)
    border = measure(made.pixels, extension)
    return OutpaintPage(
        number=number,
        source_size=page.size,
        size=made.size,
        left=extension.left,
        right=extension.right,
        top=extension.top,
        bottom=extension.bottom,
        rings=len(extension.rings(page.size)),
        not_copied_share=float((taboo > 0).mean()),
        largest_difference_of_original=largest_difference_outside(
            page.pixels, made.pixels[inner], touched
        ),
        seam=border.seam,
        colour_difference=border.colour_difference,
        colour_difference_inside=border.colour_difference_inside,
    )
