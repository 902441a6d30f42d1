"""Styles by diffusion with random weights: the true loading and calling code, on pipelines that the test builds."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from steps.backends.contract import NO_WORDS, Words
from steps.backends.diffusion.control import Control, shown
from steps.backends.diffusion.style import DiffusionStylizer
from steps.contract import Context
from steps.environment import Environment
from steps.errors import (
    BackendUnavailable,
    Cancelled,
    InvalidParameters,
    WeightsInvalid,
    WeightsMissing,
)
from steps.imaging.document import Pixels
from tests.steps.backends.torch_models import diffusion
from tests.steps.backends.torch_models.locating import located, never
from tests.steps.style_transfer.pictures import document, noise, pixels_of, png, report_of, styled

pytestmark = pytest.mark.torch

ALONE = Environment.from_env({"RETUSCHE_DEVICE": "cpu", "RETUSCHE_THREADS": "1"})
"""Layers this small take many times longer on two threads, which wait for each other."""
SMALL = {"side": 64, "steps": 4}
SOURCE = noise(70, 52)
RED, BLUE = (np.full((20, 30, 3), colour, np.uint8) for colour in ((250, 20, 20), (20, 20, 250)))


@dataclass(frozen=True)
class Folders:
    sdxl: Path
    environment: Environment
    """Whose model set names the adapter "eyes"."""
    adapter: Path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    root = tmp_path_factory.mktemp("style")
    sdxl = diffusion.write_sdxl(root / "sdxl")
    adapter = diffusion.write_ip_adapter(root / "adapter")
    return Folders(sdxl, naming(root, adapter), adapter)


def naming(root: Path, adapter: Path, backend: str = "diffusers-ip-adapter") -> Environment:
    forms = diffusion.write_controlnet(root / "forms")
    entry = {"name": "eyes", "backend": backend, "licence": "MIT", "source": {"path": str(adapter)}}
    held = entry | {"name": "forms", "backend": "diffusers-controlnet"}
    held["source"] = {"path": str(forms)}
    (root / "models.yaml").write_text(yaml.safe_dump({"models": [entry, held]}))
    return replace(ALONE, models_file=root / "models.yaml")


def load(folders: Folders, **options: object) -> DiffusionStylizer:
    model = located(folders.sdxl, "diffusers-style", **{**SMALL, **options})
    return DiffusionStylizer.load_model(model, folders.environment)


def seeing(folders: Folders, **options: object) -> DiffusionStylizer:
    return load(folders, ipAdapter={"model": "eyes", **options})


def seeing_and_holding(folders: Folders) -> DiffusionStylizer:
    control = {"model": "forms", "scale": 2.0}
    return load(folders, ipAdapter={"model": "eyes"}, control=control)


def painted(
    stylizer: DiffusionStylizer,
    style: Pixels | None = None,
    words: Words = NO_WORDS,
    seed: int = 1,
    denoise: float | None = None,
) -> Pixels:
    return stylizer.stylize(
        SOURCE, style, seed=seed, check_cancelled=never, words=words, denoise=denoise
    )


def test_words_and_seed_decide_the_picture_and_its_shape_stays(folders: Folders) -> None:
    stylizer = load(folders)
    oil = painted(stylizer, words=Words("oil"))
    assert (oil.shape, oil.dtype) == (SOURCE.shape, SOURCE.dtype)
    assert (painted(stylizer, words=Words("oil")) == oil).all()
    for other in (Words("ink"), Words("oil", "ink")):
        assert (painted(stylizer, words=other) != oil).any()
    assert (painted(stylizer, words=Words("oil"), seed=2) != oil).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (150, 31)])
def test_every_size_comes_back_at_its_own(folders: Folders, size: tuple[int, int]) -> None:
    source = noise(*size)
    made = load(folders).stylize(source, None, seed=1, check_cancelled=never)
    assert made.shape == source.shape


@pytest.mark.parametrize(
    ("size", "seen"),
    [((32, 32), (64, 64)), ((80, 80), (80, 80)), ((1000, 500), (128, 64)), ((64, 64), (64, 64))],
)
def test_the_model_sees_no_less_than_its_side_and_no_more_than_twice_its_area(
    folders: Folders, size: tuple[int, int], seen: tuple[int, int]
) -> None:
    assert load(folders)._seen(*size) == seen


def test_a_lower_share_runs_fewer_steps_and_one_at_least(folders: Folders) -> None:
    asked = 0

    def count() -> None:
        nonlocal asked
        asked += 1

    stylizer, counts = load(folders), []
    for share in (0.05, 0.5, 1.0):
        asked = 0
        stylizer.stylize(SOURCE, None, seed=1, check_cancelled=count, denoise=share)
        counts.append(asked - 1)  # once before the first step
    assert counts == [1, 2, 4]


def test_the_models_own_share_stands_in_where_the_caller_gives_none(folders: Folders) -> None:
    own, told = load(folders, denoise=1.0), load(folders)
    assert (painted(own) == painted(told, denoise=1.0)).all()
    assert (painted(own) != painted(told)).any()


def test_a_style_picture_is_seen_and_forgotten_again(folders: Folders) -> None:
    stylizer = seeing(folders)
    plain, red, blue = (painted(stylizer, style) for style in (None, RED, BLUE))
    assert (red != plain).any()
    assert (red != blue).any()
    assert (painted(stylizer) == plain).all()
    assert (painted(load(folders)) == plain).all()  # as without an adapter


def test_a_report_names_the_model_and_the_adapter(folders: Folders) -> None:
    assert [used.name for used in seeing(folders).descriptor.files] == ["tiny", "eyes"]


def test_a_picture_and_words_are_heard_together(folders: Folders) -> None:
    stylizer = seeing(folders)
    both = painted(stylizer, RED, Words("ink"))
    assert (both != painted(stylizer, RED)).any()
    assert (both != painted(stylizer, None, Words("ink"))).any()


def test_layers_and_scale_of_the_model_set_count(folders: Folders) -> None:
    style, everywhere, faint = (
        painted(seeing(folders, **options), RED)
        for options in ({}, {"layers": "all"}, {"scale": 0.2})
    )
    assert (style != everywhere).any()
    assert (style != faint).any()


def test_only_the_layer_of_style_hears_the_picture(folders: Folders) -> None:
    stylizer = seeing(folders, scale=0.7)
    painted(stylizer, RED)
    processors = stylizer._pipeline.unet.attn_processors.items()
    heard = {name for name, processor in processors if getattr(processor, "scale", [0.0])[0] > 0}
    assert heard
    assert all(name.startswith("up_blocks.0.attentions.1.") for name in heard)


def test_an_adapter_spoils_no_other_pipeline_of_the_folder(folders: Folders) -> None:
    plain, stylizer = load(folders), seeing(folders)
    assert set(plain.held()).isdisjoint(stylizer.held())
    assert set(plain.held()) == set(load(folders).held())
    painted(stylizer, RED)
    assert (painted(plain) == painted(load(folders))).all()


def test_without_an_adapter_a_picture_is_refused_by_name(folders: Folders) -> None:
    with pytest.raises(InvalidParameters, match="'tiny' has no IP-Adapter") as caught:
        painted(load(folders), RED)
    assert caught.value.pointer == "/backend"


@pytest.mark.parametrize("what", ["tile", "canny"])
def test_a_controlnet_sees_the_picture_by_its_scale_and_is_named(
    folders: Folders, what: str
) -> None:
    plain, silent, strong = (
        load(folders, **({} if scale is None else {"control": control | {"scale": scale}}))
        for scale in (None, 0.0, 2.0)
        for control in ({"model": "forms", "shown": what},)
    )
    assert np.abs(painted(plain).astype(int) - painted(silent)).max() <= 1
    assert (painted(strong) != painted(silent)).any()
    assert [used.name for used in strong.descriptor.files] == ["tiny", "forms"]
    assert set(plain.held()) == set(load(folders).held())


def test_a_controlnet_and_a_style_picture_work_together(folders: Folders) -> None:
    both = seeing_and_holding(folders)
    assert (painted(both, RED) != painted(both, BLUE)).any()
    assert (painted(both, RED) != painted(seeing(folders), RED)).any()


def test_edges_are_what_canny_sees() -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    picture[:, 10:] = 255
    edges = shown(picture, Control(model="forms", shown="canny"))
    assert set(np.flatnonzero(edges.any(axis=(0, 2)))) <= {9, 10}
    assert edges.any()
    assert (shown(picture, Control(model="forms")) == picture).all()


def test_what_is_no_controlnet_is_named(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="'eyes' is one of 'diffusers-ip-adapter'"):
        load(folders, control={"model": "eyes"})
    other = replace(folders, environment=naming(tmp_path, folders.adapter))
    weights = tmp_path / "forms" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(WeightsInvalid, match="forms holds no ControlNet"):
        load(other, control={"model": "forms"})


def test_a_cancel_is_heard_within_one_denoising_step(folders: Folders) -> None:
    asked = 0

    def cancelled_at_the_third() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled("the caller cancelled the work")

    with pytest.raises(Cancelled):
        load(folders, steps=20).stylize(
            SOURCE, None, seed=1, check_cancelled=cancelled_at_the_third
        )
    assert asked == 3


def test_the_step_takes_it_for_words_and_keeps_the_pictures_size(
    folders: Folders, tmp_path: Path
) -> None:
    entry = {"name": "ours", "backend": "diffusers-style", "licence": "MIT", "options": SMALL}
    entry["source"] = {"path": str(folders.sdxl)}
    (tmp_path / "models.yaml").write_text(yaml.safe_dump({"models": [entry]}))
    environment = replace(ALONE, models_file=tmp_path / "models.yaml")
    context = Context(environment=environment, output=None)
    weak, strong = (
        styled(
            document(SOURCE),
            style=None,
            prompt="oil",
            backend="auto",
            denoise=share,
            context=context,
        )
        for share in (0.1, 0.9)
    )
    assert pixels_of(weak).shape == SOURCE.shape
    assert (pixels_of(weak) != pixels_of(strong)).any()
    (used,) = report_of(weak).backends
    assert (used.name, used.weights[0].name) == ("diffusers-style", "ours")
    with pytest.raises(InvalidParameters, match="has no IP-Adapter"):
        styled(
            document(SOURCE), style_picture=png(RED), prompt="oil", backend="auto", context=context
        )


def test_an_adapter_that_is_not_there_or_none_is_named(folders: Folders, tmp_path: Path) -> None:
    absent = replace(folders, environment=naming(tmp_path, tmp_path / "absent"))
    with pytest.raises(WeightsMissing, match="absent"):
        seeing(absent)
    other = replace(folders, environment=naming(tmp_path, folders.adapter, "lama"))
    with pytest.raises(BackendUnavailable, match="'eyes' is one of 'lama'"):
        seeing(other)


def test_an_adapters_folder_that_lacks_its_encoder_or_is_damaged_is_refused(
    folders: Folders, tmp_path: Path
) -> None:
    blind, broken = tmp_path / "blind", tmp_path / "broken"
    for folder in (blind, broken):
        shutil.copytree(folders.adapter, folder)
    shutil.rmtree(blind / "models")
    weights = broken / "sdxl_models" / "ip-adapter.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(WeightsInvalid, match=r"1 \.safetensors and 0 folders"):
        seeing(replace(folders, environment=naming(tmp_path, blind)))
    with pytest.raises(WeightsInvalid, match="'eyes' does not fit StableDiffusionXLImg2Img"):
        seeing(replace(folders, environment=naming(tmp_path, broken)))


def test_an_adapter_and_fused_attention_exclude_each_other(folders: Folders) -> None:
    with pytest.raises(BackendUnavailable, match="fuseQkv"):
        load(folders, ipAdapter={"model": "eyes"}, fuseQkv=True)
