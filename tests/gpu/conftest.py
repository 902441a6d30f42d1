"""A GPU, or the reason why there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from steps import residency
from steps.environment import Environment


@pytest.fixture(autouse=True)
def gpu() -> Iterator[None]:
    """Skip without a CUDA device; leave the GPU's memory as it was."""
    torch = pytest.importorskip("torch", reason="the extra gpu is not installed")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")
    yield
    residency.clear()
    torch.cuda.empty_cache()


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return an environment of the GPU."""
    return Environment.from_env({"RETUSCHE_DEVICE": "cuda"})
