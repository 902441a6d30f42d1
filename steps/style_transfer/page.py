"""Paints one page: at the working size as a whole, at its own size strip by strip."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from steps import compose
from steps.backends.contract import Stylizer, Words
from steps.contract import Context
from steps.imaging.document import Mask, Page, Pixels
from steps.style_transfer import measure
from steps.style_transfer.carry import Plane, carry, luma
from steps.style_transfer.colours import coloured, matched
from steps.style_transfer.parameters import StyleTransferParameters
from steps.style_transfer.region import opacity_of
from steps.style_transfer.report import StyledPage
from steps.style_transfer.working import shrunk, working_size
from steps.upscale.alpha import without_hidden_colours

STRIP = 2**18
"""Px of one strip: small enough for the processor's cache, large enough that starting it costs nothing."""
Rows: TypeAlias = Callable[[int, int, Plane], Plane]
"""From first row, row after the last, and the full picture's brightness there to the painted rows."""
PAINTED = 0.6
"""Share of the progress when the network is done."""


class PageStylizer:
    """A backend, a style and the caller's wishes, ready for pages."""

    def __init__(
        self, backend: Stylizer, style: str | Pixels | None, parameters: StyleTransferParameters
    ) -> None:
        """Take what is the same for every page; `style` is one that the backend takes, None where words say it."""
        self._backend = backend
        self._style = style
        self._parameters = parameters

    def paint(
        self, page: Page, mask: Mask | None, context: Context
    ) -> tuple[Page, StyledPage, bool]:
        """Return the painted page, what was done, and whether there was anything to paint.

        Args:
            page: its alpha, profile and resolution are kept.
            mask: uint8 (height, width), 255 = paint; None paints everything.
            context: for progress, cancellation and the seed.

        Raises:
            Cancelled: the caller wants the work stopped.
        """
        opacity = None
        if mask is not None:
            opacity = opacity_of(mask, self._parameters.feather * min(page.size))
        if self._parameters.strength == 0.0 or (opacity is not None and not opacity.any()):
            context.progress(1.0, "nothing to paint")
            return page, _untouched(page, mask, self._parameters.keep_colors), False
        size = working_size(page.size, self._parameters.working_size)
        result = self._painted(page, size, opacity, context)
        with context.phase("measure"):
            report = self._report(page, result, mask, opacity, size)
        return page.with_pixels(result, page.alpha), report, True

    def _painted(
        self, page: Page, size: tuple[int, int], opacity: Mask | None, context: Context
    ) -> Pixels:
        seen = page.pixels
        if page.alpha is not None:
            seen = without_hidden_colours(seen, page.alpha)
        small = shrunk(seen, size)
        context.progress(0.0, f"painting at {size[0]} × {size[1]} px")
        with context.phase("paint"):
            painted = self._backend.stylize(
                small,
                self._style,
                seed=context.seed,
                check_cancelled=context.check_cancelled,
                words=Words(self._parameters.prompt, self._parameters.negative_prompt),
                denoise=self._parameters.denoise,
            )
        with context.phase("carry"):
            rows_of = self._rows(painted, small, page.size)
            return self._blended(page.pixels, seen, rows_of, opacity, context.span(PAINTED, 1.0))

    def _rows(self, painted: Pixels, small: Pixels, full: tuple[int, int]) -> Rows:
        """What gives the painted rows at the full size: of brightness alone where the colours are kept."""
        planes: Plane = painted.astype(np.float32)
        if self._parameters.keep_colors:
            planes = matched(luma(painted), luma(small))[..., np.newaxis]
        if full == (small.shape[1], small.shape[0]):
            return lambda start, stop, _: planes[start:stop]
        return carry(planes, small, full).rows

    def _blended(
        self,
        pixels: Pixels,
        seen: Pixels,
        rows_of: Rows,
        opacity: Mask | None,
        context: Context,
    ) -> Pixels:
        result = pixels.copy()
        for start, stop in strips(*pixels.shape[:2]):
            context.progress(start / pixels.shape[0], "carrying the strokes up")
            rows = slice(start, stop)
            if opacity is None:
                result[rows] = self._strip(pixels[rows], seen[rows], rows_of, start, None)
            elif opacity[rows].any():
                weight = opacity[rows].astype(np.float32)[..., np.newaxis] / np.float32(255)
                result[rows] = self._strip(pixels[rows], seen[rows], rows_of, start, weight)
        context.progress(1.0, "carrying the strokes up")
        return result

    def _strip(
        self,
        pixels: Pixels,
        seen: Pixels,
        rows_of: Rows,
        start: int,
        weight: Plane | None,
    ) -> Pixels:
        stop = start + pixels.shape[0]
        brightness = luma(seen)
        painted = rows_of(start, stop, brightness)
        if self._parameters.keep_colors:
            painted = coloured(painted[..., 0], seen.astype(np.float32), brightness)
        painted = np.clip(painted, 0, 255)
        strength = np.float32(self._parameters.strength)
        if weight is not None or strength < 1:
            source = pixels.astype(np.float32)
            painted = source + (painted - source) * (
                strength if weight is None else weight * strength
            )
        return np.asarray(np.rint(painted), np.uint8)

    def _report(
        self,
        page: Page,
        result: Pixels,
        mask: Mask | None,
        opacity: Mask | None,
        size: tuple[int, int],
    ) -> StyledPage:
        seen = working_size(page.size, measure.SIDE)
        region = None if opacity is None else _shrunk_mask(opacity, seen)
        every = max(1, min(page.size) // measure.SIDE)
        chosen = (slice(None, None, every), slice(None, None, every))
        return StyledPage(
            size=page.size,
            working_size=size,
            changed_share=round(compose.changed_share(page.pixels, result), 6),
            drift=round(measure.drift(shrunk(page.pixels, seen), shrunk(result, seen), region), 4),
            colour_error=round(
                measure.colour_error(
                    page.pixels[chosen],
                    result[chosen],
                    None if opacity is None else opacity[chosen],
                ),
                3,
            )
            if self._parameters.keep_colors
            else None,
            largest_difference_outside=None
            if mask is None
            else compose.largest_difference_outside(page.pixels, result, mask),
        )


def strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield (first row, row after the last) of strips of about `STRIP` px that cover a picture."""
    rows = max(1, STRIP // width)
    for start in range(0, height, rows):
        yield start, min(height, start + rows)


def _shrunk_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    return shrunk(np.ascontiguousarray(mask), size)


def _untouched(page: Page, mask: Mask | None, keep_colors: bool) -> StyledPage:
    return StyledPage(
        size=page.size,
        working_size=None,
        changed_share=0.0,
        drift=0.0,
        colour_error=0.0 if keep_colors else None,
        largest_difference_outside=None if mask is None else 0,
    )
