"""What every step promises, by the backends on torch: the same promises, on models that the test builds."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from steps.contract import Context, Output, PartType, StepResult
from steps.environment import Environment
from steps.errors import Cancelled
from steps.imaging.decode import decode
from steps.imaging.document import Pixels
from steps.run import run_step
from tests.steps import samples
from tests.steps.backends.torch_models import detectors, inpainters, sam, upscalers
from tests.steps.samples import SIZE, Sample, item_of, mask_part

pytestmark = pytest.mark.torch

PEOPLE = {"detector": "stub"}
SAMPLES = (
    Sample("inpaint", "lama", {"backend": "lama", "detector": "none"}, extra=(mask_part(),)),
    Sample("outpaint", "lama", {"backend": "lama", "right": 16, **PEOPLE}, same_size=False),
    Sample("anonymize", "lama", {"segmenter": "stub", "inpainter": "lama", **PEOPLE}),
    Sample(
        "anonymize",
        "segment-anything",
        {"segmenter": "segment-anything", "inpainter": "telea", "mask": "segmentation", **PEOPLE},
    ),
    Sample(
        "anonymize",
        "transformers-detector",
        {
            "detector": "transformers-detector",
            "segmenter": "stub",
            "method": "blur",
            "onResidual": "report",
            "tiles": "never",
            "rounds": 1,
        },
    ),
    Sample("upscale", "spandrel", {"backend": "spandrel", "factor": 2}, same_size=False),
    Sample("upscale", "spandrel/x4", {"backend": "spandrel/x4", "factor": 3}, same_size=False),
)
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)
quick_sample = pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if sample.step != "outpaint"], ids=str
)
"""Without the one that takes seconds a call."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Return a context whose model set names the small models."""
    folder = tmp_path_factory.mktemp("models")
    built = {
        ("lama", "tiny"): inpainters.write_lama(folder / "lama.safetensors"),
        ("segment-anything", "tiny"): sam.write(folder / "sam"),
        ("transformers-detector", "tiny"): detectors.write_rtdetr(folder / "rtdetr"),
        ("spandrel", "x2"): upscalers.write_compact(folder / "x2.safetensors"),
        ("spandrel", "x4"): upscalers.write_compact(folder / "x4.safetensors", scale=4),
    }
    models = [
        {"name": name if backend == "spandrel" else f"{name}-{backend}", "backend": backend}
        | {"licence": "MIT", "source": {"path": str(path)}}
        for (backend, name), path in built.items()
    ]
    (folder / "models.yaml").write_text(yaml.safe_dump({"models": models}))
    environment = Environment.from_env(
        {
            "RETUSCHE_DEVICE": "cpu",
            "RETUSCHE_THREADS": "2",
            "RETUSCHE_MODELS_FILE": str(folder / "models.yaml"),
        }
    )
    return Context(environment=environment, output=Output(mime_type="image/png"))


def run(
    sample: Sample, context: Context, size: tuple[int, int] = SIZE, **parameters: object
) -> StepResult:
    return run_step(
        sample.step, item_of(sample, size), {**sample.parameters, **parameters}, context
    )


def pixels_of(result: StepResult) -> Pixels:
    content = result.parts[0].content
    assert isinstance(content, bytes)
    return decode(content).pages[0].pixels


@every_sample
def test_the_report_names_backend_and_weights(sample: Sample, context: Context) -> None:
    result = run(sample, context, seed=5)
    report = result.report
    name = sample.backend.partition("/")[0]
    (used,) = (backend for backend in report.backends if backend.name == name)
    (weights,) = used.weights
    assert len(weights.sha256) == 64
    assert (weights.licence, used.licence) == ("MIT", "MIT")
    assert weights.source.startswith("path ")
    assert report.seed == 5
    assert [part.type for part in result.parts[1:]] == [PartType.META] * (len(result.parts) - 1)
    if sample.same_size:
        assert pixels_of(result).shape == (SIZE[1], SIZE[0], 3)


@quick_sample
def test_the_same_call_gives_the_same_bytes(sample: Sample, context: Context) -> None:
    first, second = run(sample, context, seed=3), run(sample, context, seed=3)
    assert [part.content for part in first.parts] == [part.content for part in second.parts]


@quick_sample
def test_progress_never_goes_back_and_a_cancel_ends_it(sample: Sample, context: Context) -> None:
    seen: list[float] = []
    run(sample, replace(context, on_progress=lambda fraction, _: seen.append(fraction)))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    reached: list[float] = []
    cancelled = replace(
        context,
        on_progress=lambda fraction, _: reached.append(fraction),
        is_cancelled=lambda: bool(reached) and reached[-1] > 0,
    )
    with pytest.raises(Cancelled):
        run(sample, cancelled)


@quick_sample
@pytest.mark.parametrize("size", [(1, 1), (7, 3)], ids=str)
def test_pictures_of_any_size_pass(sample: Sample, context: Context, size: tuple[int, int]) -> None:
    height, width = pixels_of(run(sample, context, size)).shape[:2]
    if sample.same_size:
        assert (width, height) == size
    else:
        assert (width, height) >= size


@pytest.mark.parametrize("sample", [SAMPLES[0], SAMPLES[2]], ids=str)
def test_pixels_outside_the_mask_are_the_sources_own(sample: Sample, context: Context) -> None:
    result = run(sample, context)
    mask = next(part for part in result.parts if part.role.value == "mask")
    assert isinstance(mask.content, bytes)
    opacity = decode(mask.content).pages[0].pixels[..., 0]
    source, made = samples.photo(), pixels_of(result)
    assert (made[opacity == 0] == source[opacity == 0]).all()
    assert (made[opacity == 255] != source[opacity == 255]).any()
    assert np.count_nonzero(opacity) > 0
