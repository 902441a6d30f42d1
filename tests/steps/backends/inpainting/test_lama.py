"""LaMa with random weights: its files' forms, what it must not touch, and that refining does what it says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from steps.backends.inpainting.lama import Lama
from steps.backends.inpainting.lama_refinement import sizes_of
from steps.errors import BackendUnavailable, Cancelled, WeightsInvalid
from tests.steps.backends.inpainting.test_inpainters import scene
from tests.steps.backends.torch_models.locating import here, located, never

pytestmark = pytest.mark.torch


def as_script(state: Mapping[str, Any]) -> Any:
    """Return a module for TorchScript with these weights; its code is never run, so it has none."""
    import torch

    whole = torch.nn.Module()
    for name, tensor in state.items():
        *path, last = name.split(".")
        inner = whole
        for part in path:
            if part not in inner._modules:
                inner.add_module(part, torch.nn.Module())
            inner = getattr(inner, part)
        inner.register_buffer(last, tensor)
    return whole


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write one LaMa of random weights as safetensors, and as TorchScript."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.LaMa import LaMa

    torch.manual_seed(0)
    network = LaMa(in_nc=4, out_nc=3).eval()
    folder = tmp_path_factory.mktemp("lama")
    save_file(network.state_dict(), folder / "lama.safetensors")
    torch.jit.script(as_script(network.state_dict())).save(folder / "lama.pt")
    return {"safetensors": folder / "lama.safetensors", "torchscript": folder / "lama.pt"}


def load(path: Path, **options: object) -> Lama:
    return Lama.load_model(located(path, "lama", **options), here())


def test_torchscript_and_safetensors_give_the_same_fill(files: dict[str, Path]) -> None:
    pixels, mask = scene()
    first, second = (
        load(path).inpaint(pixels, mask, seed=0, check_cancelled=never) for path in files.values()
    )
    assert (first == second).all()
    assert (first[mask == 0] == pixels[mask == 0]).all()
    assert (first[mask > 0] != pixels[mask > 0]).any()


def test_refining_brings_the_large_fill_nearer_to_the_small_one(files: dict[str, Path]) -> None:
    import torch

    from steps.backends.inpainting import lama_refinement
    from steps.backends.spandrel_files import opened

    network = opened(located(files["safetensors"], "lama"), ("Inpainting",))
    layers = (
        network.model.model.model
    )  # two of the eighteen blocks are enough to see it, and quicker
    network.model.model.model = torch.nn.Sequential(*layers[:7], *layers[23:])
    pixels, mask = scene(64, 96)
    picture = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    hole = torch.from_numpy(mask)[None, None].float() / 255
    with torch.inference_mode():
        small = network(*lama_refinement._shrunk(picture, hole, (48, 32)))

    def apart(steps: int) -> float:
        with torch.inference_mode():
            made = lama_refinement.fill_in_sizes(
                network, picture, hole, [(48, 32), (96, 64)], steps, never
            )
        shrunk, marked = lama_refinement._shrunk(made, hole, (48, 32))
        return float(((shrunk - small).abs() * marked).sum())

    assert apart(4) < apart(0)


def test_a_large_crop_is_filled_smaller_and_enlarged(files: dict[str, Path]) -> None:
    pixels, mask = scene(200, 300)
    filled = load(files["safetensors"], largestSide=64).inpaint(
        pixels, mask, seed=0, check_cancelled=never
    )
    assert filled.shape == pixels.shape
    assert (filled[mask == 0] == pixels[mask == 0]).all()


def test_a_cancel_ends_it_between_two_steps(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steps.backends.inpainting.lama_refinement.SMALLEST", 48)
    asked: list[int] = []

    def cancel() -> None:
        asked.append(1)
        if len(asked) > 3:
            raise Cancelled("enough")

    backend = load(files["safetensors"], largestSide=96, refineSteps=50)
    pixels, mask = scene(64, 96)
    with pytest.raises(Cancelled):
        backend.inpaint(pixels, mask, seed=0, check_cancelled=cancel)
    assert len(asked) == 4


def test_an_unknown_option_is_named(files: dict[str, Path]) -> None:
    with pytest.raises(BackendUnavailable, match="largestSyde"):
        load(files["safetensors"], largestSyde=64)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(WeightsInvalid, match="no network that spandrel"):
        load(tmp_path / "x.safetensors")
    (tmp_path / "y.safetensors").write_bytes(b"cut")
    with pytest.raises(WeightsInvalid, match="holds no network"):
        load(tmp_path / "y.safetensors")


def test_sizes_grow_twofold_to_the_largest() -> None:
    assert sizes_of(300, 200, largest=2048) == [(300, 200)]
    assert sizes_of(3000, 1500, largest=2048) == [(512, 256), (1024, 512), (2048, 1024)]
