"""Upscales one page: colours in passes of tiles, alpha beside them."""

import math
from dataclasses import replace

import numpy as np

from steps.backends.contract import Upscaler
from steps.backends.upscaling.resizing import resize
from steps.contract import Context
from steps.imaging.document import Mask, Page, Pixels
from steps.tiling import FLOOR, Box, Size, Work, run_tiled, tile_within
from steps.upscale.alpha import is_flat, within_neighbours, without_hidden_colours
from steps.upscale.report import UpscaledPage, UpscalePass
from steps.upscale.size import passes

_MIB = 2**20


class PageUpscaler:
    """A backend with the caller's wishes, ready for pages."""

    def __init__(self, backend: Upscaler, *, detail: float, memory_mb: int) -> None:
        """Take what is the same for every page.

        Args:
            backend: what enlarges.
            detail: share of its result, above 0 to 1; the rest is Lanczos.
            memory_mb: MiB that one call of the backend may take.
        """
        self._backend = backend
        self._detail = detail
        self._tile = tile_within(
            memory_mb * _MIB,
            bytes_per_pixel=backend.bytes_per_pixel,
            overlap=backend.overlap,
            largest=backend.largest_tile,
            floor=FLOOR,
        )

    def upscale(self, page: Page, target: Size, context: Context) -> tuple[Page, UpscaledPage]:
        """Return the page at size `target`, and what was done.

        ICC profile and greyness are kept. The resolution grows with the picture, so that it prints
        at the same size in inches.

        Raises:
            Cancelled: the caller wants the work stopped.
            OutOfMemory: memory ran out at the smallest tile.
        """
        edges = page.alpha is not None and not is_flat(page.alpha)
        share = 0.5 if edges else 1.0
        pixels = page.pixels
        if page.alpha is not None:
            pixels = without_hidden_colours(pixels, page.alpha)
        work = self._work(context, grey=page.grey)
        made, done = self._passes(pixels, target, work, context.span(0.0, share))
        alpha = page.alpha
        alpha_done: tuple[UpscalePass, ...] = ()
        if alpha is not None and edges:
            alpha, alpha_done = self._upscale_alpha(alpha, target, context.span(share, 1.0))
        elif alpha is not None:
            alpha = np.full((target[1], target[0]), alpha.flat[0], np.uint8)
        report = UpscaledPage(
            source_size=page.size,
            target_size=target,
            factor=round(math.sqrt(math.prod(target) / math.prod(page.size)), 4),
            passes=done,
            alpha_passes=alpha_done,
        )
        return replace(page.with_pixels(made, alpha), dpi=_dpi(page, target)), report

    def _upscale_alpha(
        self, alpha: Mask, target: Size, context: Context
    ) -> tuple[Mask, tuple[UpscalePass, ...]]:
        work = _skipping_flat(self._work(context, grey=True))
        grey = np.repeat(alpha[..., None], 3, axis=2)
        large, done = self._passes(grey, target, work, context)
        return within_neighbours(np.ascontiguousarray(large[..., 0]), alpha), done

    def _passes(
        self, pixels: Pixels, target: Size, work: Work, context: Context
    ) -> tuple[Pixels, tuple[UpscalePass, ...]]:
        sizes = passes((pixels.shape[1], pixels.shape[0]), target, self._backend.largest_factor)
        efforts = [pixels.shape[0] * pixels.shape[1], *(math.prod(size) for size in sizes[:-1])]
        reports: list[UpscalePass] = []
        for index, size in enumerate(sizes):
            begun, ended = (sum(efforts[:n]) / sum(efforts) for n in (index, index + 1))
            tiled = run_tiled(
                pixels,
                size,
                work,
                tile=self._tile,
                overlap=self._backend.overlap,
                context=context.span(begun, ended),
                message=f"upscaling to {size[0]} × {size[1]} px",
            )
            pixels = tiled.pixels
            reports.append(UpscalePass.of(tiled, self._backend.overlap))
        return pixels, tuple(reports)

    def _work(self, context: Context, *, grey: bool) -> Work:
        """Make what is done to each tile: the model, mixed with Lanczos, grey where the source is."""

        def work(window: Pixels, box: Box, size: Size) -> Pixels:
            made = self._backend.upscale(
                window, box=box, size=size, check_cancelled=context.check_cancelled
            )
            if self._detail < 1.0:
                made = _mixed(made, resize(window, box, size), self._detail)
            return _without_colour(made) if grey else made

        return work


def _mixed(detailed: Pixels, plain: Pixels, share: float) -> Pixels:
    mixed = detailed * np.float32(share) + plain * np.float32(1 - share)
    return np.rint(mixed).astype(np.uint8)


def _without_colour(pixels: Pixels) -> Pixels:
    """Put the mean of the three channels into each of them."""
    mean = np.rint(pixels.mean(axis=2, dtype=np.float32)).astype(np.uint8)
    return np.repeat(mean[..., None], 3, axis=2)


def _skipping_flat(work: Work) -> Work:
    """Leave out the model where the whole window has one value; most of an alpha channel is so."""

    def skipping(window: Pixels, box: Box, size: Size) -> Pixels:
        if is_flat(window[..., 0]):
            return np.full((size[1], size[0], 3), window.flat[0], np.uint8)
        return work(window, box, size)

    return skipping


def _dpi(page: Page, target: Size) -> tuple[float, float] | None:
    if page.dpi is None:
        return None
    return page.dpi[0] * target[0] / page.size[0], page.dpi[1] * target[1] / page.size[1]
