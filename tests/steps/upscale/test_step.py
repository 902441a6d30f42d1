"""The whole step on small pictures, without weights: what goes in comes out, larger."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from steps import run
from steps.contract import Context, Item, Output, Part, StepResult
from steps.environment import Environment
from steps.errors import BackendUnavailable, Cancelled, InvalidParameters, WeightsMissing
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page
from steps.imaging.limits import Limits
from steps.upscale import Upscale, UpscaleReport

ENVIRONMENT = Environment(weights_dir=Path("nowhere"))
RNG = np.random.default_rng(3)
NOISE = RNG.integers(0, 256, (37, 53, 3), dtype=np.uint8)


def encoded(picture: Image.Image, suffix: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, suffix, **options)
    return file.getvalue()


def upscaled(
    content: bytes | Document, context: Context | None = None, **parameters: object
) -> StepResult:
    item = Item(parts=(Part(content=content, filename="a.png", id="p1"),))
    return run.run(
        Upscale(),
        item,
        {"backend": "stub", **parameters},
        context or Context(environment=ENVIRONMENT),
    )


def report_of(result: StepResult) -> UpscaleReport:
    assert isinstance(result.report, UpscaleReport)
    return result.report


def opened(result: StepResult) -> Image.Image:
    content = result.parts[0].content
    assert isinstance(content, bytes)
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (1, 40), (53, 37)])
@pytest.mark.parametrize("factor", [1, 1.5, 2, 4, 8])
@pytest.mark.parametrize("backend", ["stub", "lanczos"])
def test_every_size_and_factor(size: tuple[int, int], factor: float, backend: str) -> None:
    picture = Image.fromarray(NOISE).resize(size)
    result = upscaled(encoded(picture), factor=factor, backend=backend)
    wanted = (round(size[0] * factor), round(size[1] * factor))
    assert opened(result).size == wanted
    page = report_of(result).pages[0]
    assert (page.source_size, page.target_size, page.passes[-1].size) == (size, wanted, wanted)
    assert len(page.passes) == (2 if factor == 8 and backend == "stub" else 1)


@pytest.mark.slow
def test_a_large_odd_size() -> None:
    pixels = np.tile(NOISE, (82, 76, 1))[:3001, :4001]
    document = Document(pages=(Page(pixels=pixels),), mime_type="image/png")
    context = Context(environment=ENVIRONMENT, output=None)
    result = upscaled(document, context, factor=1.1, backend="lanczos")
    page = report_of(result).pages[0]
    assert page.target_size == (4401, 3301)
    assert page.passes[0].tiles == 12
    assert page.passes[0].seam_largest <= 1


def test_pixels_are_the_sources_own() -> None:
    made = np.asarray(opened(upscaled(encoded(Image.fromarray(NOISE)), factor=3)))
    assert (made == NOISE.repeat(3, axis=0).repeat(3, axis=1)).all()


def test_profile_resolution_name_and_source_are_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(Image.fromarray(NOISE), icc_profile=profile, dpi=(150, 150))
    result = upscaled(content, factor=2)
    part, picture = result.parts[0], opened(result)
    assert (part.filename, part.mime_type, part.source_part_id) == ("a.png", "image/png", "p1")
    assert picture.info["icc_profile"] == profile
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_alpha_is_upscaled_and_hidden_colours_do_not_bleed() -> None:
    pixels = np.zeros((24, 24, 4), np.uint8)
    pixels[6:18, 6:18] = (250, 240, 20, 255)
    for backend in ("stub", "lanczos"):
        result = upscaled(encoded(Image.fromarray(pixels)), factor=3, backend=backend)
        made = np.asarray(opened(result))
        assert made.shape == (72, 72, 4)
        seen = made[made[..., 3] > 0]
        assert np.abs(seen[:, :3].astype(int) - (250, 240, 20)).max() <= 2
        assert (made[22:50, 22:50, 3] == 255).all()
        assert (made[:14, :, 3] == 0).all()
        assert report_of(result).pages[0].alpha_passes


def test_alpha_that_is_the_same_everywhere_needs_no_pass() -> None:
    pixels = np.dstack([NOISE, np.full(NOISE.shape[:2], 90, np.uint8)])
    result = upscaled(encoded(Image.fromarray(pixels)), factor=2)
    assert (np.asarray(opened(result))[..., 3] == 90).all()
    assert report_of(result).pages[0].alpha_passes == ()


@pytest.mark.parametrize("detail", [1.0, 0.4, 0.0])
def test_grey_stays_grey(detail: float) -> None:
    result = upscaled(encoded(Image.fromarray(NOISE[..., 0])), factor=2, detail=detail)
    assert opened(result).mode == "L"


def test_every_page_of_a_document() -> None:
    pages = [Image.fromarray(NOISE), Image.fromarray(NOISE[:20, :30])]
    content = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    result = upscaled(content, factor=2)
    part = result.parts[0]
    assert isinstance(part.content, bytes)
    assert [page.size for page in decode(part.content).pages] == [(106, 74), (60, 40)]
    assert len(report_of(result).pages) == 2


def test_detail_mixes_with_lanczos() -> None:
    content = encoded(Image.fromarray(NOISE))
    model, none, half = (
        np.asarray(opened(upscaled(content, factor=2, detail=d))).astype(float) for d in (1, 0, 0.5)
    )
    lanczos = np.asarray(opened(upscaled(content, factor=2, backend="lanczos")))
    assert (none == lanczos).all()
    assert np.abs(half - (model + none) / 2).max() <= 0.5
    assert not (model == none).all()


def test_the_same_call_gives_the_same_bytes() -> None:
    content = encoded(Image.fromarray(NOISE))
    first, second = (upscaled(content, factor=2.3, backend="lanczos") for _ in range(2))
    assert first.parts[0].content == second.parts[0].content


def test_progress_grows_to_one_over_pages_passes_and_alpha() -> None:
    fractions: list[float] = []
    context = Context(environment=ENVIRONMENT, on_progress=lambda f, _: fractions.append(f))
    pixels = np.dstack([NOISE, NOISE[..., 0]])
    content = encoded(
        Image.fromarray(pixels), "TIFF", save_all=True, append_images=[Image.fromarray(pixels)]
    )
    upscaled(content, context, factor=7)
    assert fractions == sorted(fractions)
    assert len(set(fractions)) >= 9
    assert fractions[-1] == 1.0


def test_cancelling_in_the_middle() -> None:
    fractions: list[float] = []
    context = Context(
        environment=ENVIRONMENT,
        on_progress=lambda f, _: fractions.append(f),
        is_cancelled=lambda: bool(fractions) and fractions[-1] >= 0.4,
    )
    large = Image.fromarray(NOISE).resize((1500, 1100))
    with pytest.raises(Cancelled):
        upscaled(encoded(large), context, factor=1.2, memoryMb=128, backend="lanczos")
    assert 0.4 <= fractions[-1] < 0.9


def test_a_decoded_document_comes_back_decoded() -> None:
    document = decode(encoded(Image.fromarray(NOISE)))
    result = upscaled(document, Context(environment=ENVIRONMENT, output=None), factor=2)
    part = result.parts[0]
    assert isinstance(part.content, Document)
    assert part.content.pages[0].size == (106, 74)


def test_the_report_names_backend_and_weights() -> None:
    report = report_of(upscaled(encoded(Image.fromarray(NOISE)), factor=2))
    assert [(used.capability, used.name) for used in report.backends] == [("upscaling", "stub")]
    assert report.timings["total"] >= report.timings["upscale"] > 0


def test_pages_that_are_too_large_together_are_refused() -> None:
    limits = Limits(max_total_pixels=4 * NOISE[..., 0].size)
    page = Image.fromarray(NOISE)
    content = encoded(page, "TIFF", save_all=True, append_images=[page])
    context = Context(environment=Environment(weights_dir=Path("nowhere"), limits=limits))
    with pytest.raises(
        InvalidParameters, match=r"2 pages would have 15,688 px together; at most 7,844"
    ):
        upscaled(content, context, factor=2)


def test_an_output_type_that_cannot_be_written_is_refused() -> None:
    context = Context(environment=ENVIRONMENT, output=Output(mime_type="image/gif"))
    with pytest.raises(InvalidParameters, match="image/gif"):
        upscaled(encoded(Image.fromarray(NOISE)), context, factor=2)


def test_a_result_too_large_for_its_type_is_refused_before_the_work() -> None:
    reached: list[float] = []
    context = Context(
        environment=ENVIRONMENT,
        output=Output(mime_type="image/webp"),
        on_progress=lambda f, _: reached.append(f),
    )
    strip = Image.fromarray(NOISE).resize((4200, 2))
    with pytest.raises(InvalidParameters, match="16,383"):
        upscaled(encoded(strip), context, factor=4)
    assert reached == []


def test_backends_that_cannot_be_used() -> None:
    content = encoded(Image.fromarray(NOISE))
    with pytest.raises(BackendUnavailable, match=r"known: .*realesrgan-x4plus"):
        upscaled(content, factor=2, backend="esrgan")
    for quality in ("fast", "best"):
        with pytest.raises(WeightsMissing, match="models pull"):
            upscaled(content, factor=2, quality=quality, backend="auto")
