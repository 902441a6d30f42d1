from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steps.contract import Context, Item, Output, Part
from steps.environment import Environment
from steps.errors import Cancelled, InvalidParameters, WeightsMissing
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page, Pixels
from steps.imaging.limits import Limits
from steps.outpaint import Outpaint, OutpaintReport
from steps.run import run
from tests.steps.anonymize.markers import MAGENTA, picture

QUIET = {"detector": "none"}


def outpaint(
    source: Page | Pixels | tuple[Page, ...], context: Context | None = None, **parameters: object
) -> tuple[tuple[Page, ...], OutpaintReport]:
    """Run the step on decoded pages, deliver a TIFF or PNG, and decode that again."""
    pages = source if isinstance(source, tuple) else (source,)
    made = tuple(p if isinstance(p, Page) else Page(pixels=p) for p in pages)
    mime_type = "image/png" if len(made) == 1 else "image/tiff"
    item = Item(parts=(Part(content=Document(pages=made, mime_type=mime_type)),))
    context = context or Context(output=Output(mime_type=mime_type))
    result = run(Outpaint(), item, {**QUIET, **parameters}, context)
    assert isinstance(result.report, OutpaintReport)
    content = result.parts[0].content
    assert isinstance(content, bytes)
    return decode(content).pages, result.report


def inner(page: Pixels, record: OutpaintReport, number: int = 0) -> Pixels:
    one = record.pages[number]
    wide, tall = one.source_size
    return page[one.top : one.top + tall, one.left : one.left + wide]


def magenta(pixels: Pixels) -> int:
    return int((np.abs(pixels.astype(int) - MAGENTA) <= 40).all(axis=2).sum())


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    sides=st.tuples(*[st.integers(0, 16)] * 4).filter(any),
    backend=st.sampled_from(["stub", "telea"]),
)
def test_the_original_lies_in_its_place_bit_for_bit(
    size: tuple[int, int], sides: tuple[int, int, int, int], backend: str
) -> None:
    source = picture(size=size)
    left, right, top, bottom = sides
    (page,), report = outpaint(
        source, backend=backend, left=left, right=right, top=top, bottom=bottom
    )
    assert page.size == (size[0] + left + right, size[1] + top + bottom)
    assert (page.pixels[top : top + size[1], left : left + size[0]] == source).all()
    assert report.pages[0].largest_difference_of_original == 0


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (3, 40)], ids=str)
def test_tiny_pictures_are_continued_by_the_default_backend(size: tuple[int, int]) -> None:
    source = picture(size=size)
    (page,), report = outpaint(source, left=5, bottom=7)
    assert page.size == (size[0] + 5, size[1] + 7)
    assert (inner(page.pixels, report) == source).all()


def test_one_pixel_is_continued_with_its_own_colour() -> None:
    (page,), _ = outpaint(np.full((1, 1, 3), (10, 200, 90), np.uint8), left=3, bottom=2)
    assert (page.pixels == (10, 200, 90)).all()


@pytest.mark.parametrize(
    "box", [(30, 60, 70, 180), (120, 90, 180, 150), (280, 0, 320, 60)], ids=str
)
def test_people_are_not_copied(box: tuple[int, int, int, int]) -> None:
    source = picture(box)
    (page,), report = outpaint(source, detector="stub", left=40, right=40, bottom=30)
    assert magenta(page.pixels) == magenta(source)
    assert (
        report.pages[0].not_copied_share
        > (box[2] - box[0]) * (box[3] - box[1]) / source[..., 0].size
    )
    assert {backend.name for backend in report.backends} == {"patchmatch", "stub"}


def test_without_a_detector_what_is_striking_is_not_copied_either() -> None:
    source = picture((120, 90, 180, 150))
    (page,), _ = outpaint(source, left=40, right=40)
    assert magenta(page.pixels) == magenta(source)


def test_missing_weights_of_the_detector_are_a_warning_and_a_named_detector_is_needed(
    tmp_path: Path,
) -> None:
    nothing = Context(environment=replace(Environment.from_env(), weights_dir=tmp_path))
    _, report = outpaint(picture(), nothing, detector="auto", right=20, backend="telea")
    assert "no-detector" in {message.code for message in report.messages}
    with pytest.raises(WeightsMissing):
        outpaint(picture(), nothing, detector="yolov8n-onnx", right=20, backend="telea")


def test_the_report_says_what_this_can_and_cannot_do() -> None:
    _, report = outpaint(picture(), right=20, backend="telea")
    (message,) = (m for m in report.messages if m.code == "continued-from-itself")
    assert "no objects are invented" in message.text
    assert report.delivered_lossless


def test_a_gradient_goes_on_without_a_step() -> None:
    across, down = np.meshgrid(np.linspace(40, 220, 320), np.linspace(0, 30, 240))
    source = np.stack([across, across - down, down + 90], axis=2).astype(np.uint8)
    (page,), report = outpaint(source, left=40, right=40)
    (record,) = report.pages
    assert record.colour_difference is not None
    assert record.colour_difference < 3
    assert page.pixels[120, 0, 0] < page.pixels[120, 200, 0] < page.pixels[120, -1, 0]


def test_a_horizon_is_continued_at_its_height() -> None:
    rng = np.random.default_rng(1)
    source = np.empty((240, 320, 3), np.uint8)
    source[:110] = (120, 170, 230)
    source[110:] = (60, 90, 40)
    source = np.clip(source + rng.normal(0, 4, source.shape), 0, 255).astype(np.uint8)
    (page,), _ = outpaint(source, left=40, right=40)
    blue = np.asarray(page.pixels[..., 2] > 135)
    heights = blue[:, [1, 20, 38, 361, 380, 398]].sum(axis=0)
    assert np.abs(heights - 110).max() <= 6


def test_the_measures_tell_a_good_border_from_a_bad_one() -> None:
    source = picture()
    _, good = outpaint(source, left=40, right=40)
    _, bad = outpaint(source, left=40, right=40, backend="stub")
    (one,), (other,) = good.pages, bad.pages
    assert one.seam is not None
    assert other.seam is not None
    assert one.seam < other.seam
    assert one.colour_difference is not None
    assert other.colour_difference is not None
    assert one.colour_difference < other.colour_difference


def test_the_feather_changes_that_many_pixels_of_the_original_and_no_more() -> None:
    source = picture()
    (page,), report = outpaint(source, right=40, feather=10, backend="stub")
    kept = inner(page.pixels, report)
    assert (kept[:, :-10] == source[:, :-10]).all()
    assert (kept[:, -10:] != source[:, -10:]).any()
    assert report.pages[0].largest_difference_of_original == 0


def test_transparency_is_kept_and_the_new_area_is_opaque() -> None:
    alpha = np.full((240, 320), 90, np.uint8)
    alpha[:50] = 0
    (page,), report = outpaint(Page(pixels=picture(), alpha=alpha), left=40, top=30)
    assert page.alpha is not None
    assert (page.alpha[30:, 40:] == alpha).all()
    assert (page.alpha[:30] == 255).all()
    assert (page.alpha[:, :40] == 255).all()
    assert report.pages[0].largest_difference_of_original == 0


@pytest.mark.parametrize("feather", [0, 12])
def test_what_transparent_pixels_hold_changes_nothing_that_is_new(feather: int) -> None:
    alpha = np.full((240, 320), 255, np.uint8)
    alpha[60:180, 200:] = 0
    alpha[:80, :50] = 100
    made = []
    for colour in ((0, 255, 0), (250, 10, 240)):
        source = picture()
        source[alpha < 128] = colour
        (page,), report = outpaint(
            Page(pixels=source, alpha=alpha), left=40, right=40, top=30, feather=feather
        )
        kept = inner(page.pixels, report)[feather:, feather : 320 - feather]
        assert (kept == source[feather:, feather : 320 - feather]).all()
        pixels = page.pixels.copy()
        pixels[30:, 40:360][alpha < 128] = 0
        made.append(pixels)
    assert (made[0][30:, 40:360][alpha < 128] == 0).all()
    if feather:  # within the feather hidden pixels become visible, but not what they held
        shown = [one[30 : 30 + feather, 40:90] for one in made]
        assert (shown[0] == shown[1]).all()
    assert (made[0] == made[1]).all()


def test_a_picture_of_which_nothing_is_visible_is_continued_in_grey() -> None:
    alpha = np.zeros((30, 40), np.uint8)
    source = np.full((30, 40, 3), (0, 255, 0), np.uint8)
    (page,), _ = outpaint(Page(pixels=source, alpha=alpha), left=10)
    assert (page.pixels[:, :10] == 128).all()
    assert (page.pixels[:, 10:] == source).all()


def test_grey_resolution_and_profile_are_kept_on_every_page() -> None:
    grey = np.repeat(picture(size=(160, 120))[..., :1], 3, axis=2)
    pages = (Page(pixels=grey, grey=True, dpi=(300, 300)), Page(pixels=grey[:100], grey=True))
    made, report = outpaint(pages, aspectRatio="16:9")
    assert [page.size for page in made] == [(213, 120), (178, 100)]
    assert all(page.grey for page in made)
    assert [page.dpi for page in made] == [(300, 300), None]
    assert [page.number for page in report.pages] == [1, 2]


def test_a_picture_of_the_wanted_size_is_delivered_as_it_is() -> None:
    source = picture()
    (page,), report = outpaint(source, width=320)
    assert (page.pixels == source).all()
    assert report.pages[0].rings == 0
    assert report.pages[0].seam is None


def test_the_seed_decides_and_repeats() -> None:
    source = picture(size=(120, 90))
    first, second = (outpaint(source, left=30, seed=4)[0][0].pixels for _ in range(2))
    assert (first == second).all()
    other = outpaint(source, left=30, seed=5)[0][0].pixels
    assert (first != other).any()


def test_far_extensions_grow_in_rings_and_can_be_stopped_between_them() -> None:
    source = picture(size=(80, 60))
    seen = list[float]()
    watched = Context(on_progress=lambda f, _: seen.append(f))
    _, report = outpaint(source, watched, right=80, backend="telea")
    assert report.pages[0].rings == 2
    assert len(set(seen)) >= 4
    assert seen == sorted(seen)
    reached: list[float] = []
    stop = Context(
        on_progress=lambda f, _: reached.append(f), is_cancelled=lambda: len(reached) >= 2
    )
    with pytest.raises(Cancelled):
        outpaint(source, stop, right=80, backend="telea")
    assert len(reached) == 2


def test_pages_over_the_limit_together_are_refused() -> None:
    limits = Limits(max_total_pixels=200_000)
    context = Context(environment=replace(Environment.from_env(), limits=limits))
    page = Page(pixels=picture())
    with pytest.raises(InvalidParameters, match=r"at most 200,000 are accepted"):
        outpaint((page, page), context, right=200)


def test_words_are_refused_by_name_where_the_backend_goes_by_the_surroundings() -> None:
    with pytest.raises(InvalidParameters, match=r"'stub'.*takes no words") as caught:
        outpaint(picture(), right=4, backend="stub", prompt="a garden")
    assert caught.value.pointer == "/prompt"
