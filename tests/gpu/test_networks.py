"""The networks that are not diffusion: half precision beside full, speed, and memory that runs out."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.gpu.weights import write_detector, write_lama, write_sam
from steps import residency
from steps.backends.contract import Box, Detector, Inpainter, Segmenter, Upscaler
from steps.backends.detection.transformers import TransformersDetector
from steps.backends.inpainting.lama import Lama
from steps.backends.segmentation.segment_anything import SegmentAnything
from steps.compose import Crop
from steps.environment import Environment
from steps.imaging.document import Pixels
from tests.steps.backends.torch_models.locating import located, never

pytestmark = pytest.mark.gpu

SAM_PICTURES_A_SECOND = 60
"""What the issue of this tier asks for, on one GPU of a data centre."""


def noise(height: int, width: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.weights
def test_upscaling_in_half_precision_differs_by_little(environment: Environment) -> None:
    made = []
    for precision in ("float32", "float16", "bfloat16"):
        backend = residency.choose(Upscaler, "spandrel", replace(environment, precision=precision))
        made.append(
            backend.upscale(
                noise(128, 128), box=(0, 0, 128, 128), size=(512, 512), check_cancelled=never
            ).astype(int)
        )
    assert np.abs(made[0] - made[1]).max() <= 8
    assert np.abs(made[0] - made[2]).mean() <= 4


@pytest.mark.weights
def test_a_model_that_left_the_gpu_comes_back_and_says_the_same(environment: Environment) -> None:
    backend = residency.choose(Upscaler, "spandrel", environment)
    window, before = noise(64, 64), residency.counts()
    call = {"box": (0.0, 0.0, 64.0, 64.0), "size": (256, 256), "check_cancelled": never}
    first = backend.upscale(window, **call)  # type: ignore[arg-type]
    backend.to_memory()
    assert residency.counts().gpu_bytes < before.gpu_bytes
    assert (backend.upscale(window, **call) == first).all()  # type: ignore[arg-type]
    assert residency.counts().returns == before.returns + 1


@pytest.mark.weights
def test_memory_that_runs_out_halves_the_tile(environment: Environment) -> None:
    import torch

    from steps.contract import Context
    from steps.tiling import run_tiled

    backend = residency.choose(Upscaler, "spandrel", environment)
    free, whole = torch.cuda.mem_get_info()
    torch.cuda.set_per_process_memory_fraction(min(1.0, (whole - free + 2**30) / whole))
    try:
        tiled = run_tiled(
            noise(1024, 1024),
            (4096, 4096),
            lambda window, box, size: backend.upscale(
                window, box=box, size=size, check_cancelled=never
            ),
            tile=1024,
            overlap=16,
            context=Context(environment=environment),
        )
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert tiled.halvings > 0
    assert residency.counts().out_of_memory > 0


def test_lama_fills_four_megapixels(tmp_path: Path, environment: Environment) -> None:
    path = write_lama(tmp_path / "lama.safetensors")
    backend: Inpainter = Lama.load_model(located(path, "lama"), environment)
    pixels, mask = noise(1600, 2400), np.zeros((1600, 2400), np.uint8)
    mask[400:1200, 800:1600] = 255
    filled = backend.inpaint(pixels, mask, seed=0, check_cancelled=never)
    assert (filled[mask == 0] == pixels[mask == 0]).all()


def test_detectors_run_in_half_precision(tmp_path: Path, environment: Environment) -> None:
    folder = write_detector(tmp_path / "detector")
    backend: Detector = TransformersDetector.load_model(
        located(folder, "transformers-detector"), environment
    )
    assert backend.detect(noise(1080, 1920), size=1280, threshold=0.0)


def test_segment_anything_keeps_its_promise(tmp_path: Path, environment: Environment) -> None:
    folder = write_sam(tmp_path / "sam", small=False)
    backend: Segmenter = SegmentAnything.load_model(
        located(folder, "segment-anything"), environment
    )
    pages = [noise(1024, 1024) for _ in range(8)]
    boxes = [Box(256 * i, 10, 256 * i + 250, 1000) for i in range(4)]
    windows = [Crop(0, 0, 1024, 1024)] * len(boxes)
    backend.segment_all(pages[0], boxes, windows)
    began = time.perf_counter()
    for page in pages * 8:
        backend.segment_all(page, boxes, windows)
    assert 64 / (time.perf_counter() - began) >= SAM_PICTURES_A_SECOND
