"""How fast the networks are: Segment Anything's pictures a second, Real-ESRGAN's megapixels a second."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.gpu.weights import write_sam, write_set
from benchmarks.shared.results import Results
from steps import residency
from steps.backends.contract import Box, Segmenter, Upscaler
from steps.compose import Crop
from steps.device import has_gpu
from steps.environment import Environment
from steps.imaging.document import Pixels

BOXES = 4
"""Things in each picture."""


def print_sam(results: Results, environment: Environment) -> None:
    """Print pictures and boxes a second of box prompts, the encoder included."""
    gpu = has_gpu(environment)
    side, pages = (1024, 64) if gpu else (256, 8)
    page = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    step = side // BOXES
    boxes = [Box(i * step, 10, i * step + step - 8, side - 10) for i in range(BOXES)]
    windows = [Crop(0, 0, side, side)] * BOXES
    with tempfile.TemporaryDirectory() as folder:
        sam = write_sam(Path(folder) / "sam", small=not gpu)
        own = write_set(Path(folder) / "models.yaml", {"segment-anything": sam})
        segmenter = residency.choose(
            Segmenter, "segment-anything", replace(environment, models_file=own)
        )
        seconds = _timed(lambda: segmenter.segment_all(page, boxes, windows), pages)
    kind = "vit_b, 1024 px" if gpu else "2 of its 12 layers, 256 px: no GPU here"
    rows = [(kind, pages / seconds, pages * BOXES / seconds)]
    results.table(
        f"Segment Anything, {BOXES} boxes a picture", ("model", "pictures/s", "boxes/s"), rows
    )


def print_upscaling(results: Results, environment: Environment) -> None:
    """Print the source's megapixels a second of Real-ESRGAN x4plus."""
    gpu = has_gpu(environment)
    side, tiles = (512, 16) if gpu else (96, 2)
    tile = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    rows = []
    for name in ("spandrel", *(() if gpu else ("realesrgan-x4plus",))):
        upscaler = residency.choose(Upscaler, name, environment)
        seconds = _timed(partial(_enlarge, upscaler, tile), tiles)
        rows.append((name, side, tiles * side * side / 1e6 / seconds))
    results.table(
        "Real-ESRGAN x4plus, fourfold", ("backend", "tile px", "source megapixels/s"), rows
    )


def _enlarge(upscaler: Upscaler, tile: Pixels) -> None:
    side = tile.shape[0]
    box = (0.0, 0.0, float(side), float(side))
    upscaler.upscale(tile, box=box, size=(4 * side, 4 * side), check_cancelled=_never)


def _timed(work: Callable[[], object], times: int) -> float:
    """Return the seconds of several calls, after one that is not counted."""
    work()
    began = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - began


def _never() -> None:
    """Nobody cancels."""
