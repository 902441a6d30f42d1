"""Pictures from words with random weights: the true loading and calling code."""

from pathlib import Path

import pytest

from steps.backends.contract import Words
from steps.backends.diffusion.inpaint import DiffusionInpainter
from steps.backends.diffusion.paint import DiffusionPainter
from steps.errors import Cancelled
from steps.imaging.document import Pixels
from tests.steps.backends.diffusion.test_inpaint import ALONE
from tests.steps.backends.torch_models import diffusion
from tests.steps.backends.torch_models.locating import located, never

pytestmark = pytest.mark.torch

GARDEN = Words("a garden", "people")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return diffusion.write_sdxl(tmp_path_factory.mktemp("sdxl"))


@pytest.fixture(scope="module")
def painter(folder: Path) -> DiffusionPainter:
    found = DiffusionPainter.load_model(located(folder, "diffusers", steps=2), ALONE)
    assert isinstance(found, DiffusionPainter)
    return found


def paint(
    painter: DiffusionPainter,
    words: Words = GARDEN,
    *,
    size: tuple[int, int] = (64, 48),
    seed: int = 1,
    steps: int | None = None,
) -> Pixels:
    return painter.paint(
        words, size=size, seed=seed, steps=steps, guidance_scale=None, check_cancelled=never
    )


def test_words_seed_and_steps_decide_the_picture(painter: DiffusionPainter) -> None:
    first = paint(painter)
    assert first.shape == (48, 64, 3)
    assert (paint(painter) == first).all()
    for other in (paint(painter, Words("a house")), paint(painter, seed=2)):
        assert (other != first).any()
    assert (paint(painter, steps=4) != first).any()


def test_a_size_that_the_model_does_not_know_is_cut_from_one_that_it_knows(
    painter: DiffusionPainter,
) -> None:
    whole = paint(painter, size=(64, 64))
    part = paint(painter, size=(61, 50))
    assert part.shape == (50, 61, 3)
    assert (part == whole[7:57, 1:62]).all()


def test_painting_over_makes_it_larger_and_keeps_what_a_low_strength_leaves(
    painter: DiffusionPainter,
) -> None:
    first = paint(painter, size=(64, 64))

    def over(strength: float) -> Pixels:
        return painter.repaint(
            first,
            GARDEN,
            size=(96, 80),
            strength=strength,
            seed=1,
            steps=20,
            guidance_scale=None,
            check_cancelled=never,
        )

    little, much = over(0.1), over(0.9)
    assert little.shape == much.shape == (80, 96, 3)
    assert (little != much).any()


def test_a_cancel_is_heard_within_one_denoising_step(painter: DiffusionPainter) -> None:
    asked = 0

    def cancelled_at_the_third() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled("the caller cancelled the work")

    with pytest.raises(Cancelled):
        painter.paint(
            GARDEN,
            size=(64, 64),
            seed=1,
            steps=50,
            guidance_scale=None,
            check_cancelled=cancelled_at_the_third,
        )
    assert asked == 3


def test_painting_and_filling_share_the_networks_of_one_folder(
    folder: Path, painter: DiffusionPainter
) -> None:
    inpainter = DiffusionInpainter.load_model(located(folder, "diffusers-inpaint"), ALONE)
    assert set(inpainter.held()) == set(painter.held())
