"""The whole step on small pictures, without weights."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from steps.backends.contract import Words
from steps.backends.stylization.stub import StubStylizer
from steps.contract import Context, Output
from steps.errors import (
    BackendUnavailable,
    Cancelled,
    InvalidItem,
    InvalidParameters,
    WeightsMissing,
)
from steps.imaging.document import Document, Page
from tests.steps.style_transfer.pictures import (
    NOWHERE,
    document,
    noise,
    pages_of,
    pixels_of,
    png,
    report_of,
    styled,
)

SOURCE = noise(53, 37)


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (1, 90), (53, 37), (130, 97)])
@pytest.mark.parametrize("keep_colors", [False, True])
def test_every_size_comes_back_at_its_own(size: tuple[int, int], keep_colors: bool) -> None:
    source = noise(*size)
    result = styled(document(source), workingSize=64, keepColors=keep_colors)
    made = pixels_of(result)
    assert made.shape == source.shape
    assert made.dtype == np.uint8
    page = report_of(result).pages[0]
    assert page.size == size
    assert page.working_size is not None
    assert page.working_size[0] * page.working_size[1] <= 64 * 64
    assert 0 <= page.drift <= 1
    assert (page.colour_error is not None) == keep_colors


def test_the_same_call_gives_the_same_bytes() -> None:
    context = Context(environment=NOWHERE)
    first, second = (styled(png(SOURCE), context=context, workingSize=64) for _ in range(2))
    assert first.parts[0].content == second.parts[0].content


def test_strength_0_gives_the_sources_own_pixels() -> None:
    result = styled(document(SOURCE), strength=0)
    assert (pixels_of(result) == SOURCE).all()
    report = report_of(result)
    assert report.pages[0].working_size is None
    assert (report.pages[0].changed_share, report.pages[0].drift) == (0, 0)
    assert [message.code for message in report.messages] == ["nothing-painted"]


@pytest.mark.parametrize("working_size", [64, 2048])
def test_more_strength_goes_further_from_every_pixel(working_size: int) -> None:
    source = noise(120, 90)
    before = np.zeros(source.shape, int)
    for strength in (0.1, 0.35, 0.6, 1.0):
        made = pixels_of(styled(document(source), strength=strength, workingSize=working_size))
        apart = np.abs(made.astype(int) - source)
        assert (apart >= before - 1).all()  # rounding may take one level
        assert apart.sum() > before.sum()
        before = apart


@pytest.mark.parametrize("working_size", [64, 2048])
def test_outside_the_mask_nothing_changes(working_size: int) -> None:
    source = noise(120, 90)
    mask = np.zeros((90, 120), np.uint8)
    mask[20:60, 30:100] = 255
    result = styled(document(source), mask=png(mask), feather=0.05, workingSize=working_size)
    made, page = pixels_of(result), report_of(result).pages[0]
    assert (made[mask == 0] == source[mask == 0]).all()
    assert page.largest_difference_outside == 0
    assert 0.2 < page.changed_share <= (mask > 0).mean()
    painted = pixels_of(styled(document(source), workingSize=working_size))
    assert (made[35:45, 45:85] == painted[35:45, 45:85]).all()  # beyond the soft edge
    edge = np.abs(made[20, 45:85].astype(int) - source[20, 45:85]).mean()
    assert edge < 0.5 * np.abs(painted[20, 45:85].astype(int) - source[20, 45:85]).mean()


def test_a_mask_without_feather_is_exact_and_grey_paints_in_part() -> None:
    mask = np.zeros((37, 53), np.uint8)
    mask[:, 20:] = 255
    mask[:, 40:] = 128
    painted = pixels_of(styled(document(SOURCE)))
    made = pixels_of(styled(document(SOURCE), mask=png(mask), feather=0))
    assert (made[:, :20] == SOURCE[:, :20]).all()
    assert (made[:, 20:40] == painted[:, 20:40]).all()
    half = (SOURCE[:, 40:].astype(int) + painted[:, 40:]) / 2
    assert np.abs(made[:, 40:] - half).max() <= 1


def test_an_empty_mask_paints_nothing() -> None:
    result = styled(document(SOURCE), mask=png(np.zeros((37, 53), np.uint8)))
    assert (pixels_of(result) == SOURCE).all()
    assert report_of(result).pages[0].largest_difference_outside == 0
    assert report_of(result).messages[0].code == "nothing-painted"


@pytest.mark.parametrize("working_size", [64, 2048])
def test_kept_colours_are_kept(working_size: int) -> None:
    source = noise(120, 90) // 2 + 60  # room for other brightness
    free = styled(document(source), workingSize=working_size)
    kept = styled(document(source), workingSize=working_size, keepColors=True)
    error = report_of(kept).pages[0].colour_error
    assert error is not None
    assert error < 1.0
    assert (pixels_of(kept) != source).any(axis=2).mean() > 0.5
    assert (pixels_of(free) != pixels_of(kept)).any()


def test_alpha_profile_and_resolution_are_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    alpha = noise(53, 37, seed=2)[..., :1]
    alpha[:10] = 0
    source = png(np.concatenate([SOURCE, alpha], axis=2), icc_profile=profile, dpi=(150, 150))
    result = styled(source, context=Context(environment=NOWHERE))
    part = result.parts[0]
    assert isinstance(part.content, bytes)
    made = Image.open(io.BytesIO(part.content))
    assert made.mode == "RGBA"
    assert (np.asarray(made)[..., 3:] == alpha).all()
    assert made.info["icc_profile"] == profile
    assert made.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert (part.filename, part.source_part_id) == ("a.png", "p1")


def test_colours_under_full_transparency_do_not_reach_the_painting() -> None:
    alpha = np.full((37, 53), 255, np.uint8)
    alpha[:, 30:] = 0
    hidden = SOURCE.copy()
    hidden[:, 30:] = 0
    visible = [pixels_of(styled(document(p, alpha=alpha)))[:, :30] for p in (SOURCE, hidden)]
    assert (visible[0] == visible[1]).all()


def test_a_grey_picture_becomes_coloured_unless_its_colours_are_kept() -> None:
    grey = noise(40, 30)[..., 0]
    modes = {}
    for keep in (False, True):
        result = styled(png(grey), context=Context(environment=NOWHERE), keepColors=keep)
        content = result.parts[0].content
        assert isinstance(content, bytes)
        modes[keep] = Image.open(io.BytesIO(content)).mode
    assert modes == {False: "RGB", True: "L"}


def test_pages_are_painted_each_with_its_mask() -> None:
    pages = tuple(Page(pixels=noise(40, 30, seed)) for seed in range(2))
    source = Document(pages=pages, mime_type="image/tiff")
    left = np.zeros((30, 40), np.uint8)
    left[:, :20] = 255
    one = Document(
        pages=(Page(pixels=left[..., None].repeat(3, axis=2), grey=True),), mime_type="image/png"
    )
    two = Document(
        pages=(one.pages[0], Page(pixels=255 - one.pages[0].pixels, grey=True)),
        mime_type="image/tiff",
    )
    for mask, kept in ((one, slice(20, None)), (two, slice(0, 20))):
        made = pages_of(styled(source, mask=mask, feather=0))
        assert (made[0].pixels[:, 20:] == pages[0].pixels[:, 20:]).all()
        assert (made[1].pixels[:, kept] == pages[1].pixels[:, kept]).all()
        assert (made[1].pixels != pages[1].pixels).any()


def test_a_style_picture_is_taken_and_named_by_its_hash() -> None:
    style = png(noise(9, 8, seed=4))
    result = styled(document(SOURCE), style_picture=style)
    report = report_of(result)
    assert report.style == "picture"
    assert report.style_sha256 is not None
    other = styled(document(SOURCE), style_picture=png(np.zeros((4, 4, 3), np.uint8)))
    assert (pixels_of(result) != pixels_of(other)).any()


def test_words_say_the_style_alone_and_beside_a_picture() -> None:
    ink, oil = (styled(document(SOURCE), style=None, prompt=prompt) for prompt in ("ink", "oil"))
    assert report_of(ink).style == "words"
    assert (pixels_of(ink) != pixels_of(oil)).any()
    both = styled(document(SOURCE), style_picture=png(SOURCE), prompt="ink")
    assert report_of(both).style == "picture"


def test_words_and_their_share_reach_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}
    stylize = StubStylizer.stylize

    def listening(stub: StubStylizer, *arguments: Any, **named: Any) -> Any:
        told.update(named)
        return stylize(stub, *arguments, **named)

    monkeypatch.setattr(StubStylizer, "stylize", listening)
    styled(document(SOURCE), style=None, prompt="ink", negativePrompt="red", denoise=0.3)
    assert (told["words"], told["denoise"]) == (Words("ink", "red"), 0.3)


def test_words_are_the_business_of_a_backend_that_takes_them() -> None:
    """With "auto" that is the one of diffusion: chosen, though no model of it is here."""
    with pytest.raises((WeightsMissing, BackendUnavailable), match="diffusers-style"):
        styled(document(SOURCE), style=None, prompt="ink", backend="auto")


def test_progress_rises_to_1_and_every_strip_may_stop_the_work() -> None:
    seen: list[float] = []
    context = Context(
        environment=NOWHERE, output=None, on_progress=lambda fraction, _: seen.append(fraction)
    )
    source = document(noise(1100, 600))
    styled(source, context=context, workingSize=64)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 5
    for stop_after in (1, 3, len(seen) - 2):
        with pytest.raises(Cancelled):
            styled(source, context=_stopping(stop_after), workingSize=64)


def _stopping(after: int) -> Context:
    """A context whose caller cancels after some reports of progress, and then wants no more of them."""
    told = 0

    def hear(fraction: float, message: str) -> None:
        nonlocal told
        assert told < after, (fraction, message)
        told += 1

    return Context(
        environment=NOWHERE, output=None, on_progress=hear, is_cancelled=lambda: told >= after
    )


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"style": "mona-lisa"}, "known: ochre-oil, yellow-panes"),
        ({"style": None}, "no style is given: add a part of role 'style', or name one of ochre"),
        ({"strength": 1.1}, "strength"),
        ({"strength": -0.1}, "strength"),
        ({"workingSize": 63}, "workingSize"),
        ({"workingSize": 4096}, "workingSize"),
        ({"feather": 0.6}, "feather"),
        ({"color": "red"}, "color"),
        ({"denoise": 0.01}, "denoise"),
        ({"denoise": 0.3, "backend": "multistyle26"}, "makes nothing anew"),
        ({"prompt": "ink", "backend": "multistyle26"}, "takes no words; one that takes them is"),
        ({"negativePrompt": "ink", "backend": "auto"}, "'multistyle26' goes by the pictures alone"),
        ({"backend": "diffusers-style/sdxl"}, "it takes a part of role 'style', a prompt"),
        ({"backend": "arbitrary-style"}, "has no style 'blue-swirls'; it takes a part of role"),
    ],
)
def test_what_is_refused_is_named(parameters: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        styled(document(SOURCE), **parameters)
    assert says in f"{caught.value.detail} {caught.value.errors}"


def test_two_styles_at_once_are_refused() -> None:
    with pytest.raises(InvalidParameters, match="leave out one") as caught:
        styled(document(SOURCE), style_picture=png(SOURCE), style="blue-swirls")
    assert caught.value.pointer == "/style"


def test_a_style_picture_is_refused_by_a_backend_that_takes_names() -> None:
    with pytest.raises(InvalidParameters, match="takes no style picture"):
        styled(document(SOURCE), style_picture=png(SOURCE), backend="multistyle26")


def test_an_unknown_backend_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        BackendUnavailable, match="multistyle26, arbitrary-style, diffusers-style, stub"
    ):
        styled(document(SOURCE), backend="oil")


def test_missing_weights_say_how_to_get_them() -> None:
    with pytest.raises(WeightsMissing, match="retusche models pull style-multistyle26"):
        styled(document(SOURCE), backend="auto")


def test_a_mask_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(InvalidItem, match="the mask has 10 × 10 px and page 1") as caught:
        styled(document(SOURCE), mask=png(np.zeros((10, 10), np.uint8)))
    assert caught.value.pointer == "m.png"
    page = Page(pixels=np.zeros((37, 53, 3), np.uint8))
    three = Document(pages=(page,) * 3, mime_type="image/tiff")
    with pytest.raises(InvalidItem, match="the mask has 3 pages and the picture 1"):
        styled(document(SOURCE), mask=three)


def test_a_style_picture_of_several_pages_is_refused() -> None:
    two = Document(pages=(Page(pixels=SOURCE),) * 2, mime_type="image/tiff")
    with pytest.raises(InvalidItem, match="the style picture has 2 pages"):
        styled(document(SOURCE), style_picture=two)


def test_an_output_that_cannot_be_written_is_refused_before_the_work() -> None:
    seen: list[float] = []
    context = Context(
        environment=NOWHERE,
        output=Output(mime_type="image/svg+xml"),
        on_progress=lambda fraction, _: seen.append(fraction),
    )
    with pytest.raises(InvalidParameters, match="svg"):
        styled(document(SOURCE), context=context)
    assert seen == []
