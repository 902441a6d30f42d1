"""Enlarging by diffusion with random weights: the true loading and calling code, on a pipeline that the test builds."""

from pathlib import Path

import pytest

from steps.backends.diffusion.opening import networks
from steps.backends.diffusion.upscale import DiffusionUpscaler
from steps.contract import Context
from steps.environment import Environment
from steps.errors import BackendUnavailable, Cancelled
from steps.imaging.document import Page, Pixels
from steps.upscale.page import PageUpscaler
from tests.steps.backends.torch_models import diffusion
from tests.steps.backends.torch_models.locating import located, never
from tests.steps.style_transfer.pictures import noise

pytestmark = pytest.mark.torch

ALONE = Environment.from_env({"RETUSCHE_DEVICE": "cpu", "RETUSCHE_THREADS": "1"})
"""Layers this small take many times longer on two threads, which wait for each other."""
SOURCE = noise(19, 13)
WHOLE = (0.0, 0.0, 19.0, 13.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return diffusion.write_upscaler(tmp_path_factory.mktemp("upscaler"))


def load(folder: Path, **options: object) -> DiffusionUpscaler:
    chosen = {"steps": 2, "guidanceScale": 0, **options}
    return DiffusionUpscaler.load_model(located(folder, "diffusers-upscale", **chosen), ALONE)


def enlarged(upscaler: DiffusionUpscaler, size: tuple[int, int] = (76, 52)) -> Pixels:
    return upscaler.upscale(SOURCE, box=WHOLE, size=size, check_cancelled=never)


@pytest.mark.parametrize("size", [(76, 52), (38, 26), (20, 14)])
def test_any_size_up_to_four_times_is_made_and_always_the_same(
    folder: Path, size: tuple[int, int]
) -> None:
    upscaler = load(folder)
    made = enlarged(upscaler, size)
    assert made.shape == (size[1], size[0], 3)
    assert (enlarged(upscaler, size) == made).all()


@pytest.mark.parametrize("options", [{"seed": 1}, {"noiseLevel": 300}, {"prompt": "a cat"}])
def test_what_the_model_set_says_counts(folder: Path, options: dict[str, object]) -> None:
    assert (enlarged(load(folder)) != enlarged(load(folder, **options))).any()


def test_a_part_is_cut_out_where_it_lies(folder: Path) -> None:
    upscaler = load(folder)
    part = upscaler.upscale(
        SOURCE, box=(3.0, 2.0, 13.0, 10.0), size=(40, 32), check_cancelled=never
    )
    assert (part == enlarged(upscaler)[8:40, 12:52]).all()


def test_the_decoder_works_in_tiles_unless_told_otherwise(folder: Path) -> None:
    vae = networks(load(folder)._pipeline)["vae"]
    assert vae.use_tiling


def test_a_page_larger_than_a_tile_is_put_together(folder: Path) -> None:
    upscaler = load(folder, overlap=8)
    upscaler.largest_tile = 32
    context = Context(environment=ALONE)
    painter = PageUpscaler(upscaler, detail=1.0, memory_mb=1024)
    made, report = painter.upscale(Page(pixels=noise(50, 20)), (200, 80), context)
    assert made.size == (200, 80)
    assert report.passes[0].tiles == 2


def test_a_cancel_is_heard_within_one_denoising_step(folder: Path) -> None:
    asked = 0

    def cancelled_at_the_third() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled("the caller cancelled the work")

    with pytest.raises(Cancelled):
        load(folder, steps=20).upscale(
            SOURCE, box=WHOLE, size=(76, 52), check_cancelled=cancelled_at_the_third
        )
    assert asked == 3


def test_a_level_of_noise_that_no_model_knows_is_refused(folder: Path) -> None:
    with pytest.raises(BackendUnavailable, match="noiseLevel"):
        load(folder, noiseLevel=351)
