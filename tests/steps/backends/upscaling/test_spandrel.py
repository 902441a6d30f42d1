"""Upscalers by file: the same picture as the default tier's own x4plus, and other architectures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from steps import models, residency
from steps.backends.contract import Upscaler
from steps.backends.upscaling.spandrel import Spandrel
from steps.errors import WeightsInvalid
from steps.imaging.document import Pixels
from steps.upscale.parameters import UpscaleParameters
from steps.upscale.step import _wanted
from tests.steps.backends.torch_models.locating import here, located, never

pytestmark = pytest.mark.torch


def picture(height: int = 20, width: int = 24) -> Pixels:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 10, y * 12, (x * y) % 256], axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def compact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small network of another architecture, ×2, with random weights."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    network = Compact(num_feat=8, num_conv=2, upscale=2)
    path = tmp_path_factory.mktemp("compact") / "compact.safetensors"
    save_file(network.state_dict(), path)
    return path


@pytest.mark.weights
@pytest.mark.parametrize("name", ["realesrgan-x4plus", "realesr-animevideov3"])
def test_the_packaged_models_equal_the_default_tiers(name: str) -> None:
    large = []
    for wanted in (f"spandrel/{name}", name):
        backend = residency.choose(Upscaler, wanted, here())
        large.append(
            backend.upscale(picture(), box=(0, 0, 24, 20), size=(96, 80), check_cancelled=never)
        )
    assert np.abs(large[0].astype(int) - large[1]).max() <= 1


@pytest.mark.weights
def test_on_a_gpu_both_qualities_mean_it_and_on_a_cpu_neither() -> None:
    gpu = replace(here(), device="cuda")
    for quality in ("fast", "best"):
        parameters = UpscaleParameters.model_validate({"quality": quality})
        assert _wanted(parameters, gpu).startswith("spandrel")
        assert not _wanted(parameters, here()).startswith("spandrel")


def test_another_architecture_is_told_by_its_file(compact: Path) -> None:
    backend = Spandrel.load_model(located(compact, "spandrel", overlap=8), here())
    assert (backend.largest_factor, backend.overlap) == (2.0, 8)
    assert backend.descriptor.model == "tiny"
    (use,) = backend.descriptor.files
    assert len(use.sha256) == 64
    made = backend.upscale(picture(), box=(4, 4, 16, 12), size=(24, 16), check_cancelled=never)
    assert made.shape == (16, 24, 3)
    assert made.dtype == np.uint8


def test_a_network_for_another_purpose_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file
    from spandrel.architectures.LaMa import LaMa

    save_file(LaMa(in_nc=4).state_dict(), tmp_path / "lama.safetensors")
    with pytest.raises(WeightsInvalid, match="is a LaMa for Inpainting"):
        Spandrel.load_model(located(tmp_path / "lama.safetensors", "spandrel"), here())


def test_memory_that_it_holds_is_counted(compact: Path) -> None:
    backend = Spandrel.load_model(located(compact, "spandrel"), here())
    (block,) = backend.held().values()
    assert not block.on_gpu
    assert 0.5 < block.size_bytes / compact.stat().st_size < 1.5


def test_the_catalogue_names_the_packaged_model() -> None:
    names = [model.name for model in models.of_backend("spandrel", here())]
    assert names == ["realesrgan-x4plus", "realesr-animevideov3"]
