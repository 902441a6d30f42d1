"""Filling by diffusion with random weights: the true loading and calling code, on pipelines that the test builds."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from steps.backends.contract import Words
from steps.backends.diffusion.inpaint import DiffusionInpainter
from steps.backends.diffusion.opening import networks
from steps.environment import Environment
from steps.errors import BackendUnavailable, Cancelled, WeightsInvalid, WeightsMissing
from steps.imaging.document import Pixels
from steps.models import catalogue, locate
from steps.weights.cache import sha256_of
from tests.steps.backends.inpainting.test_inpainters import scene
from tests.steps.backends.torch_models import diffusion
from tests.steps.backends.torch_models.locating import located, never

pytestmark = pytest.mark.torch

SMALL = {"side": 64, "steps": 2}
ALONE = Environment.from_env({"RETUSCHE_DEVICE": "cpu", "RETUSCHE_THREADS": "1"})
"""Layers this small take many times longer on two threads, which wait for each other."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Write an ordinary SDXL, and one that was trained to fill; by the UNet's channels."""
    root = tmp_path_factory.mktemp("sdxl")
    return {
        channels: diffusion.write_sdxl(root / str(channels), channels=channels)
        for channels in (4, 9)
    }


def load(path: Path, **options: object) -> DiffusionInpainter:
    found = DiffusionInpainter.load_model(
        located(path, "diffusers-inpaint", **{**SMALL, **options}), ALONE
    )
    assert isinstance(found, DiffusionInpainter)
    return found


@pytest.mark.parametrize("channels", [4, 9])
def test_only_the_hole_changes_and_the_same_seed_gives_the_same_bytes(
    folders: dict[int, Path], channels: int
) -> None:
    inpainter = load(folders[channels])
    pixels, mask = scene()
    first = inpainter.inpaint(pixels, mask, seed=7, check_cancelled=never)
    assert (first[mask == 0] == pixels[mask == 0]).all()
    assert (first[mask > 0] != pixels[mask > 0]).any()
    other = inpainter.inpaint(pixels, mask, seed=8, check_cancelled=never)
    assert (other != first).any()
    assert (inpainter.inpaint(pixels, mask, seed=7, check_cancelled=never) == first).all()


def test_words_and_unwanted_words_are_heard(folders: dict[int, Path]) -> None:
    inpainter = load(folders[4])
    pixels, mask = scene()
    plain, sofa, no_sofa = (
        inpainter.inpaint(pixels, mask, seed=1, check_cancelled=never, words=words)
        for words in (Words(), Words("a sofa"), Words("", "a sofa"))
    )
    assert (plain != sofa).any()
    assert (plain != no_sofa).any()


def test_the_models_own_words_stand_in_where_the_caller_gives_none(
    folders: dict[int, Path],
) -> None:
    pixels, mask = scene()
    told = load(folders[4]).inpaint(
        pixels, mask, seed=1, check_cancelled=never, words=Words("a sofa")
    )
    own = load(folders[4], prompt="a sofa").inpaint(pixels, mask, seed=1, check_cancelled=never)
    assert (told == own).all()


def test_a_second_pass_changes_the_fill_and_nothing_else(folders: dict[int, Path]) -> None:
    pixels, mask = scene()
    once, twice = (
        load(folders[9], second_pass=share).inpaint(pixels, mask, seed=1, check_cancelled=never)
        for share in (0.0, 0.6)
    )
    assert (once != twice).any()
    assert (twice[mask == 0] == pixels[mask == 0]).all()


def test_a_first_guess_is_what_refining_begins_with(folders: dict[int, Path]) -> None:
    inpainter = load(folders[4], steps=8)
    pixels, mask = scene()
    dark, light = pixels.copy(), pixels.copy()
    dark[mask > 0], light[mask > 0] = 0, 255
    from_dark, from_light = (
        inpainter.refine(guess, mask, seed=1, check_cancelled=never) for guess in (dark, light)
    )
    assert (from_dark != from_light).any()


@pytest.mark.parametrize("scheduler", ["own", "dpm++", "lcm", "lightning", "turbo"])
def test_every_scheduler_fills_in_few_steps(folders: dict[int, Path], scheduler: str) -> None:
    inpainter = load(folders[9], scheduler=scheduler, guidance_scale=0.0)
    pixels, mask = scene()
    first, second = (
        inpainter.inpaint(pixels, mask, seed=1, check_cancelled=never) for _ in range(2)
    )
    assert (first == second).all()


def test_a_cancel_is_heard_within_one_denoising_step(folders: dict[int, Path]) -> None:
    asked = 0

    def cancelled_at_the_third() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled("the caller cancelled the work")

    pixels, mask = scene()
    with pytest.raises(Cancelled):
        load(folders[9], steps=20).inpaint(
            pixels, mask, seed=1, check_cancelled=cancelled_at_the_third
        )
    assert asked == 3


def test_two_pipelines_of_one_folder_share_their_networks(folders: dict[int, Path]) -> None:
    first, second = load(folders[4]), load(folders[4], scheduler="lcm")
    assert set(first.held()) == set(second.held())
    assert set(first.held()).isdisjoint(load(folders[9]).held())


def test_memory_that_ran_out_is_answered_by_slices_then_tiles_then_not_at_all(
    folders: dict[int, Path],
) -> None:
    inpainter = load(folders[4])
    vae = networks(inpainter._pipeline)["vae"]
    assert (vae.use_slicing, vae.use_tiling) == (False, False)
    assert inpainter.lighten()
    assert (vae.use_slicing, vae.use_tiling) == (True, False)
    assert inpainter.lighten()
    assert (vae.use_slicing, vae.use_tiling) == (True, True)
    assert not inpainter.lighten()


def with_lora(tmp_path: Path, lora: Path, **fields: object) -> Environment:
    """Return an environment whose model set names a LoRA "drawn"."""
    entry: dict[str, object] = {"name": "drawn", "backend": "diffusers-lora", "licence": "MIT"}
    entry |= {"source": {"path": str(lora)}} | fields
    (tmp_path / "models.yaml").write_text(yaml.safe_dump({"models": [entry]}))
    own = tmp_path / "models.yaml"
    return replace(ALONE, models_file=own)


def filled_with(folder: Path, environment: Environment, scale: float) -> Pixels:
    model = located(
        folder, "diffusers-inpaint", **SMALL, loras=[{"model": "drawn", "scale": scale}]
    )
    inpainter = DiffusionInpainter.load_model(model, environment)
    assert isinstance(inpainter, DiffusionInpainter)
    pixels, mask = scene()
    return inpainter.inpaint(pixels, mask, seed=1, check_cancelled=never)


def test_a_lora_changes_the_fill_by_its_scale_and_spoils_no_other_pipeline(
    folders: dict[int, Path], tmp_path: Path
) -> None:
    lora = diffusion.write_lora(tmp_path / "lora" / "drawn.safetensors")
    environment = with_lora(tmp_path, lora)
    pixels, mask = scene()
    plain = load(folders[4]).inpaint(pixels, mask, seed=1, check_cancelled=never)
    assert (filled_with(folders[4], environment, 1.0) != plain).any()
    again = load(folders[4]).inpaint(pixels, mask, seed=1, check_cancelled=never)
    assert (again == plain).all()


def test_a_report_names_the_lora_with_its_hash(folders: dict[int, Path], tmp_path: Path) -> None:
    lora = diffusion.write_lora(tmp_path / "lora" / "drawn.safetensors")
    model = located(folders[4], "diffusers-inpaint", **SMALL, loras=[{"model": "drawn"}])
    inpainter = DiffusionInpainter.load_model(model, with_lora(tmp_path, lora))
    own, part = inpainter.descriptor.files
    assert (own.name, part.name) == ("tiny", "drawn")
    assert part.sha256 == sha256_of(lora)


def test_a_lora_that_is_not_there_or_none_is_named(
    folders: dict[int, Path], tmp_path: Path
) -> None:
    absent = with_lora(tmp_path, tmp_path / "absent.safetensors")
    with pytest.raises(WeightsMissing, match=r"absent\.safetensors"):
        filled_with(folders[4], absent, 1.0)
    other = with_lora(tmp_path, tmp_path / "absent.safetensors", backend="lama")
    with pytest.raises(BackendUnavailable, match="'drawn' is one of 'lama'"):
        filled_with(folders[4], other, 1.0)


def test_a_folder_that_holds_no_pipeline_is_refused_by_name(
    folders: dict[int, Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folders[9], broken)
    weights = next((broken / "unet").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(WeightsInvalid, match="broken holds no pipeline"):
        load(broken)


def test_an_unknown_option_is_refused_by_name(folders: dict[int, Path]) -> None:
    with pytest.raises(BackendUnavailable, match="stepps"):
        load(folders[9], stepps=3)


def test_every_packaged_model_has_options_that_the_backend_knows() -> None:
    from steps.backends.diffusion.options import DiffusionOptions

    packaged = [m for m in catalogue(ALONE) if m.backend == "diffusers-inpaint"]
    assert packaged
    for model in packaged:
        assert DiffusionOptions.of(model)
        with pytest.raises(WeightsMissing, match="retusche models pull"):
            locate(model, Environment(weights_dir=Path("/none")))


def test_weights_that_a_hub_names_fp16_are_found(folders: dict[int, Path], tmp_path: Path) -> None:
    named = tmp_path / "named"
    shutil.copytree(folders[9], named)
    for path in named.rglob("*.safetensors"):
        path.rename(path.with_suffix(".fp16.safetensors"))
    pixels, mask = scene()
    plain, found = (
        load(path).inpaint(pixels, mask, seed=1, check_cancelled=never)
        for path in (folders[9], named)
    )
    assert (plain == found).all()
