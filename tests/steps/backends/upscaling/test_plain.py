"""Resizing parts of a picture: Lanczos and nearest neighbour."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from steps.backends.contract import Upscaler
from steps.backends.upscaling.lanczos import Lanczos
from steps.backends.upscaling.resizing import resize
from steps.backends.upscaling.stub import StubUpscaler
from steps.contract import Context
from steps.environment import Environment
from steps.imaging.document import Pixels
from steps.tiling import run_tiled

CONTEXT = Context(environment=Environment(weights_dir=Path("unused")))
PICTURE: Pixels = np.random.default_rng(0).integers(0, 256, (47, 61, 3), dtype=np.uint8)


def upscaled(backend: Upscaler, size: tuple[int, int], tile: int) -> Pixels:
    return run_tiled(
        PICTURE,
        size,
        lambda window, box, part: backend.upscale(
            window, box=box, size=part, check_cancelled=CONTEXT.check_cancelled
        ),
        tile=tile,
        overlap=backend.overlap,
        context=CONTEXT,
    ).pixels


@pytest.mark.parametrize("size", [(61, 47), (122, 94), (100, 77), (488, 376)])
@pytest.mark.parametrize("tile", [9, 16, 61])
def test_lanczos_in_tiles_is_pillows_own(size: tuple[int, int], tile: int) -> None:
    made = upscaled(Lanczos(), size, tile).astype(int)
    padded = Image.fromarray(np.pad(PICTURE, ((8, 8), (8, 8), (0, 0)), mode="reflect"))
    across = padded.resize((size[0], 63), Image.Resampling.LANCZOS, box=(8, 0, 69, 63))
    whole = across.resize(size, Image.Resampling.LANCZOS, box=(0, 8, size[0], 55))
    assert (
        np.abs(made - np.asarray(whole)).max() <= 1
    )  # the kernel's places are rounded anew in each tile


@pytest.mark.parametrize("tile", [9, 16, 61])
def test_nearest_neighbour_repeats_pixels_in_tiles_too(tile: int) -> None:
    made = upscaled(StubUpscaler(), (183, 141), tile)
    assert (made == PICTURE.repeat(3, axis=0).repeat(3, axis=1)).all()


def test_a_box_of_whole_pixels_is_copied() -> None:
    part = resize(PICTURE, (3.0, 4.0, 23.0, 14.0), (20, 10))
    assert (part == PICTURE[4:14, 3:23]).all()
    assert not np.shares_memory(part, PICTURE)


def test_a_box_beyond_the_picture_is_clipped() -> None:
    assert resize(PICTURE, (-1e-9, 0.0, 61.0 + 1e-9, 47.0), (30, 20)).shape == (20, 30, 3)
