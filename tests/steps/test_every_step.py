"""What every step promises, by every backend that can run here."""

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageCms

from benchmarks.shared import child
from steps.contract import AnyStep, Context, Item, Output, Part, PartType, Role, StepResult
from steps.environment import Environment
from steps.errors import (
    BackendUnavailable,
    Cancelled,
    ImageUndecodable,
    InvalidItem,
    InvalidParameters,
    StepError,
    WeightsMissing,
)
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page
from steps.registry import steps
from steps.run import run_step
from tests.comfy.fake.server import FakeServer
from tests.steps.samples import (
    ELSEWHERE,
    SIZE,
    SLOW,
    STEPS,
    TOO_SLOW,
    WITHOUT_PICTURE,
    Sample,
    item_of,
    photo,
    png,
    samples,
)

LARGE = (4001, 3001)
MOST_MB, MB_PER_MEGAPIXEL = 600, 20
"""Peak memory: what runtimes and tiles take whatever the size, and what each megapixel of the result may add."""
PNG = Context(output=Output(mime_type="image/png"))
every_sample = pytest.mark.parametrize(
    "sample", [s for s in samples() if s.backend not in SLOW], ids=str
)
slow_sample = pytest.mark.parametrize(
    "sample", [s for s in samples() if s.backend in SLOW], ids=str
)
one_per_step = pytest.mark.parametrize(
    "sample",
    {
        sample.step: sample
        for sample in samples()
        if sample.backend in {"stub", "telea", "upscale-4k"}
    }.values(),
    ids=str,
)


@pytest.fixture(scope="module", autouse=True)
def comfyui() -> Iterator[None]:
    """A server for the step that has none of its own."""
    with FakeServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETUSCHE_COMFYUI_URLS", server.url)
        yield


def run(
    sample: Sample,
    content: bytes | None = None,
    context: Context = PNG,
    size: tuple[int, int] = SIZE,
    **parameters: object,
) -> StepResult:
    item = item_of(sample, size, content)
    return run_step(sample.step, item, {**sample.parameters, **parameters}, context)


def page_of(result: StepResult) -> Page:
    content = result.parts[0].content
    assert isinstance(content, bytes)
    return decode(content).pages[0]


def test_every_registered_step_has_a_sample() -> None:
    assert {step.name for step in steps().all()} == {*STEPS, *ELSEWHERE, *WITHOUT_PICTURE}


@pytest.mark.parametrize("step", steps().all(), ids=lambda step: step.name)
def test_every_step_can_be_warmed_up(step: AnyStep) -> None:
    try:
        step.load(step.usual_parameters(), Environment.from_env())
    except (WeightsMissing, BackendUnavailable) as error:
        pytest.skip(error.detail)


@every_sample
def test_the_first_part_is_the_result_and_the_others_are_meta(sample: Sample) -> None:
    result = run(sample)
    first, *others = result.parts
    assert (first.type, first.role, first.mime_type) == (
        PartType.BASE_PART,
        Role.SOURCE,
        "image/png",
    )
    assert first.source_part_id == "source"
    assert all(part.type is PartType.META for part in others)
    page = page_of(result)
    assert page.pixels.dtype == np.uint8
    if sample.same_size:
        assert page.size == SIZE


@every_sample
def test_the_report_names_step_backend_weights_seed_and_parameters(sample: Sample) -> None:
    report = run(sample, seed=5).report
    step = steps().get(sample.step)
    assert isinstance(report, step.report)
    assert (report.step, report.version, report.seed) == (step.name, step.version, 5)
    assert sample.backend in {backend.name for backend in report.backends}
    assert all(len(w.sha256) == 64 and w.licence for b in report.backends for w in b.weights)
    assert report.timings["total"] > 0
    assert report.parameters["seed"] == 5
    assert type(report).model_validate_json(report.model_dump_json(by_alias=True)) == report


@every_sample
def test_the_same_call_gives_the_same_bytes(sample: Sample) -> None:
    first, second = run(sample, seed=3), run(sample, seed=3)
    assert [part.content for part in first.parts] == [part.content for part in second.parts]


@every_sample
def test_progress_never_goes_back_and_reaches_one(sample: Sample) -> None:
    seen: list[float] = []
    run(sample, context=replace(PNG, on_progress=lambda fraction, _: seen.append(fraction)))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@every_sample
def test_it_can_be_cancelled_in_the_middle(sample: Sample) -> None:
    reached: list[float] = []

    def cancelled() -> bool:
        return bool(reached) and reached[-1] > 0

    context = replace(
        PNG, on_progress=lambda fraction, _: reached.append(fraction), is_cancelled=cancelled
    )
    with pytest.raises(Cancelled):
        run(sample, context=context)
    assert reached[-1] < 1.0


@every_sample
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (2, 61)], ids=str)
def test_pictures_of_any_size_pass(sample: Sample, size: tuple[int, int]) -> None:
    result = run(sample, size=size)
    page = page_of(result)
    assert page.size == size if sample.same_size else page.size >= size


@pytest.mark.slow
@slow_sample
def test_slow_backends_keep_the_contract_too(sample: Sample) -> None:
    seen: list[float] = []
    context = replace(PNG, on_progress=lambda fraction, _: seen.append(fraction))
    first, second = run(sample, context=context, size=(9, 5)), run(sample, size=(9, 5))
    assert first.parts[0].content == second.parts[0].content
    assert page_of(first).pixels.dtype == np.uint8
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert sample.backend in {backend.name for backend in first.report.backends}


@every_sample
def test_transparency_profile_and_resolution_are_kept(sample: Sample) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rgba = np.dstack([photo(), np.full(SIZE[::-1], 120, np.uint8)])
    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "PNG", icc_profile=profile, dpi=(300, 300))
    page = page_of(run(sample, buffer.getvalue()))
    assert page.icc == profile
    assert page.dpi is not None
    assert page.alpha is not None
    assert page.alpha.dtype == np.uint8
    assert page.alpha.shape == page.pixels.shape[:2]
    assert page.alpha[0, 0] == 120


@every_sample
@pytest.mark.parametrize("level", [0, 255])
def test_values_at_the_ends_of_the_range_stay_there(sample: Sample, level: int) -> None:
    if sample.step == "style-transfer":
        pytest.skip("a style brings its own colours")
    page = page_of(run(sample, png(np.full((*SIZE[::-1], 3), level, np.uint8))))
    assert np.abs(page.pixels.astype(int) - level).max() <= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "sample",
    [s for s in samples() if s.backend not in TOO_SLOW and s.step not in ELSEWHERE],
    ids=str,
)
def test_twelve_odd_megapixels_pass_within_bounded_memory(sample: Sample) -> None:
    done = child.run(
        "tests.steps.samples:taken", {"step": sample.step, "backend": sample.backend, "size": LARGE}
    )
    factor = sample.parameters.get("factor", 1)
    assert isinstance(factor, int)
    wanted = [side * factor for side in LARGE]
    if sample.same_size or factor > 1:
        assert done.answer == wanted
    else:
        assert done.answer[0] > wanted[0]
        assert done.answer[1] > wanted[1]
    assert done.peak_mb < MOST_MB + MB_PER_MEGAPIXEL * done.answer[0] * done.answer[1] / 1e6


@one_per_step
def test_grey_pictures_stay_grey_where_nothing_coloured_is_added(sample: Sample) -> None:
    if sample.step == "style-transfer":
        pytest.skip("a style brings its own colours")
    buffer = io.BytesIO()
    grey = np.linspace(0, 255, SIZE[0] * SIZE[1]).astype(np.uint8).reshape(SIZE[::-1])
    Image.fromarray(grey).save(buffer, "PNG")
    assert page_of(run(sample, buffer.getvalue())).grey


@one_per_step
def test_inside_a_chain_the_decoded_picture_is_handed_on(sample: Sample) -> None:
    result = run(sample, context=replace(PNG, output=None))
    assert isinstance(result.parts[0].content, Document)


@one_per_step
def test_unknown_parameters_are_refused_by_name(sample: Sample) -> None:
    with pytest.raises(InvalidParameters) as caught:
        run(sample, colour="red")
    assert ("/colour") in [pointer for pointer, _ in caught.value.errors]


@one_per_step
def test_values_of_another_kind_are_refused_by_name(sample: Sample) -> None:
    with pytest.raises(InvalidParameters) as caught:
        run(sample, seed="many")
    assert [pointer for pointer, _ in caught.value.errors] == ["/seed"]


@one_per_step
def test_a_backend_that_there_is_not_is_refused_by_name(sample: Sample) -> None:
    name = {"anonymize": "inpainter", "comfy-workflow": "workflow"}.get(sample.step, "backend")
    parameters = {**sample.parameters, name: "no-such-backend"}
    with pytest.raises(StepError, match="no-such-backend"):
        run_step(sample.step, item_of(sample, SIZE), parameters, PNG)


@one_per_step
def test_a_damaged_picture_is_refused_by_name(sample: Sample) -> None:
    with pytest.raises(ImageUndecodable) as caught:
        run(sample, png(photo())[:200])
    assert caught.value.pointer == "photo.png"


@one_per_step
def test_an_item_without_a_picture_is_refused(sample: Sample) -> None:
    with pytest.raises(InvalidItem):
        run_step(sample.step, Item(parts=()), sample.parameters, PNG)


@one_per_step
def test_the_source_array_is_not_written_to(sample: Sample) -> None:
    pixels = photo()
    before = pixels.copy()
    document = Document(pages=(Page(pixels=pixels),), mime_type="image/png")
    item = Item(parts=(Part(content=document), *sample.extra))
    run_step(sample.step, item, sample.parameters, PNG)
    assert (pixels == before).all()
