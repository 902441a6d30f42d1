from pathlib import Path

import pytest

from steps import models
from steps.backends.contract import Capability
from steps.backends.diffusion.control import CONTROLNET
from steps.backends.diffusion.ip_adapter import IP_ADAPTER
from steps.backends.diffusion.opening import LORA
from steps.backends.diffusion.options import DiffusionOptions
from steps.backends.diffusion.style import StyleOptions
from steps.backends.diffusion.upscale import UpscaleOptions
from steps.backends.registry import backend_classes
from steps.environment import Environment
from steps.models import ModelsInvalid, PathSource

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HASH = "a" * 64
OPTIONS: dict[str, type[DiffusionOptions]] = {
    "diffusers-style": StyleOptions,
    "diffusers-upscale": UpscaleOptions,
}
"""Of the diffusion backends that have more of them than the others."""
PARTS = {CONTROLNET, IP_ADAPTER, LORA}
"""What is a part of a model, and no backend of its own."""
BY_FILE_ONLY = {"ultralytics-segmentation"}
"""Backends of which no model can be pinned: its makers publish no hash."""


def environment(tmp_path: Path, text: str = "") -> Environment:
    (tmp_path / "own.yaml").write_text(text)
    return Environment(weights_dir=tmp_path / "weights", models_file=tmp_path / "own.yaml")


def test_every_packaged_model_is_pinned_and_has_a_backend_and_a_licence() -> None:
    packaged = models.catalogue(Environment(weights_dir=Path("/none")))
    backends = PARTS | {b.descriptor.name for c in Capability for b in backend_classes(c)}
    assert packaged
    for model in packaged:
        assert model.backend in backends
        assert model.licence
        assert not isinstance(model.source, PathSource)


def test_every_backend_that_runs_models_has_one_in_the_packaged_set() -> None:
    here = Environment(weights_dir=Path("/none"))
    for capability in Capability:
        for kind in backend_classes(capability):
            if kind.descriptor.from_models and kind.descriptor.name not in BY_FILE_ONLY:
                assert models.of_backend(kind.descriptor.name, here)


def test_the_users_models_come_first_and_packaged_ones_can_be_switched_off(
    tmp_path: Path,
) -> None:
    here = environment(
        tmp_path,
        """
models:
  - {name: ours, backend: lama, licence: MIT, source: {path: lama.safetensors}}
  - {name: theirs, backend: lama, licence: MIT, source: {path: /srv/theirs}}
disabled: [yolov8n]
""",
    )
    found = models.catalogue(here)
    assert [model.name for model in found][:2] == ["ours", "theirs"]
    assert [model.name for model in models.of_backend("lama", here)][:2] == ["ours", "theirs"]
    assert models.of_backend("ultralytics", here) == ()
    assert found[0].source == PathSource(path=tmp_path / "lama.safetensors")


def test_a_model_of_the_same_name_replaces_the_packaged_one(tmp_path: Path) -> None:
    text = "models: [{name: yolov8n, backend: ultralytics, licence: X, source: {path: /srv/y}}]"
    (found,) = models.of_backend("ultralytics", environment(tmp_path, text))
    assert found.licence == "X"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    here = environment(tmp_path)
    before = models.catalogue(here)
    text = "models: [{name: a, backend: lama, licence: MIT, source: {path: x.safetensors}}]"
    (tmp_path / "own.yaml").write_text(text)
    assert len(models.catalogue(here)) == len(before) + 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("models: [", "is no YAML"),
        ("modles: []", "modles"),
        ("disabled: [nix]", "there is no model 'nix'; known: "),
        ("models: [{name: a, backend: lama, source: {path: x}}]", "models.0.licence"),
        (
            "models: [{name: a, backend: lama, licence: MIT, source: {hub: o/n, revision: main}}]",
            "models.0.source.revision",
        ),
        (
            "models: [{name: a, backend: lama, licence: MIT, source: {url: 'https://x/y.pt'}}]",
            "models.0.source.sha256",
        ),
        (
            "models: [{name: a, backend: lama, licence: MIT, source: {nix: 1}}]",
            "path, hub, url, weights",
        ),
        (
            "models: [{name: a, backend: lama, licence: MIT, source: {path: /x/big-lama.pt}}]",
            "big-lama.pt may hold code, so its hash must be pinned",
        ),
        (
            "models: [{name: a, backend: l, licence: M, source: {path: x}},"
            " {name: a, backend: l, licence: M, source: {path: y}}]",
            "'a' is named twice",
        ),
    ],
)
def test_what_cannot_be_understood_is_named_with_file_and_field(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ModelsInvalid) as caught:
        models.catalogue(environment(tmp_path, text))
    assert "own.yaml" in caught.value.detail
    assert says in caught.value.detail


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    here = Environment(weights_dir=tmp_path, models_file=tmp_path / "nix.yaml")
    with pytest.raises(ModelsInvalid, match=r"nix\.yaml cannot be read"):
        models.catalogue(here)


DOCUMENTATION = Path(__file__).parents[3] / "docs" / "models.md"


def examples() -> list[str]:
    """Return the model sets that the documentation shows."""
    blocks = DOCUMENTATION.read_text("utf-8").split("```yaml\n")[1:]
    return [block.partition("```")[0].replace("…", HASH) for block in blocks]


@pytest.mark.parametrize("example", examples())
def test_the_documentations_examples_are_understood(tmp_path: Path, example: str) -> None:
    found = models.catalogue(environment(tmp_path, example))
    assert found
    for model in found:
        if model.backend.startswith("diffusers") and model.backend not in PARTS:
            OPTIONS.get(model.backend, DiffusionOptions).of(model)


def test_an_own_set_comes_first_pins_and_switches_off(tmp_path: Path) -> None:
    example = next(example for example in examples() if "our-upscaler" in example)
    here = environment(tmp_path, example)
    names = [model.name for model in models.catalogue(here)]
    assert names[:3] == ["our-upscaler", "dfine-large", "yolo11x"]
    assert "rtdetr-v2-r18" not in names
    assert models.get("yolo11x", here).pinned


def test_the_documentation_names_every_packaged_model() -> None:
    packaged = models.catalogue(Environment(weights_dir=Path("/none")))
    missing = [m.name for m in packaged if f"`{m.name}`" not in DOCUMENTATION.read_text("utf-8")]
    assert missing == []
