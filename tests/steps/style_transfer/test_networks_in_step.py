"""The step with its real networks, on real photos."""

from typing import Any

import cv2
import numpy as np
import pytest

from steps.backends.stylization.styles import NAMES
from steps.contract import Context
from steps.imaging.document import Pixels
from tests.steps.style_transfer.pictures import (
    document,
    noise,
    photo,
    pixels_of,
    png,
    report_of,
    styled,
)

pytestmark = pytest.mark.weights

HERE = Context(output=None)


def enlarged(pixels: Pixels, factor: int) -> Pixels:
    size = (pixels.shape[1] * factor, pixels.shape[0] * factor)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)


def shrunk(pixels: Pixels, factor: int) -> Pixels:
    size = (pixels.shape[1] // factor, pixels.shape[0] // factor)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("style", ["blue-swirls", "yellow-panes", "lilac-haze"])
def test_a_picture_and_its_large_version_are_painted_alike(style: str) -> None:
    small = photo("china")[:300, :400]
    large = enlarged(small, 4)
    parameters: dict[str, Any] = {
        "backend": "auto",
        "style": style,
        "workingSize": 346,
    }  # 346² px: 400 × 300
    alone = pixels_of(styled(document(small), context=HERE, **parameters))
    result = styled(document(large), context=HERE, **parameters)
    assert report_of(result).pages[0].working_size == (396, 296)
    carried = shrunk(pixels_of(result), 4)
    # Two grids that are not aligned and the smoothing of the networks' own grid: both are brushed over
    # by looking at the strokes, not at single px.
    apart = np.abs(
        cv2.GaussianBlur(alone, (0, 0), 2).astype(int) - cv2.GaussianBlur(carried, (0, 0), 2)
    )
    plain = np.abs(
        cv2.GaussianBlur(alone, (0, 0), 2).astype(int) - cv2.GaussianBlur(small, (0, 0), 2)
    )
    assert apart.mean() < 0.2 * plain.mean()


def test_edges_of_the_photo_are_sharper_than_by_plain_enlarging() -> None:
    full = np.full((600, 800, 3), 215, np.uint8)
    cv2.circle(full, (400, 300), 190, (30, 40, 60), -1)
    result = styled(
        document(full), context=HERE, backend="auto", style="peach-wash", workingSize=200
    )
    made = pixels_of(result).astype(int)
    wide, tall = report_of(result).pages[0].working_size or (0, 0)
    small = np.asarray(cv2.resize(full, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
    alone = pixels_of(styled(document(small), context=HERE, backend="auto", style="peach-wash"))
    plain = cv2.resize(alone, (800, 600), interpolation=cv2.INTER_CUBIC).astype(int)

    def steepest(picture: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
        row = picture[300, 560:620].mean(axis=1)
        return float(np.abs(np.diff(row)).max())

    assert steepest(made) > 1.5 * steepest(plain)


def test_every_named_style_runs_and_drifts_differently() -> None:
    small = shrunk(photo("china"), 3)
    drifts = {}
    for style in NAMES:
        result = styled(document(small), context=HERE, backend="auto", style=style)
        drifts[style] = report_of(result).pages[0].drift
        assert report_of(result).backends[0].weights[0].name == "style-multistyle26"
    assert len(set(drifts.values())) > 20
    assert drifts["red-lattice"] == max(drifts.values())  # which leaves hardly a form
    assert drifts["frosted-blue"] < 0.8 * drifts["red-lattice"]


def test_a_style_picture_paints_and_kept_colours_stay() -> None:
    source = shrunk(photo("china"), 2)
    style = png(photo("coffee"))
    free, kept = (
        styled(document(source), context=HERE, style_picture=style, backend="auto", keepColors=keep)
        for keep in (False, True)
    )
    assert [use.name for use in report_of(free).backends[0].weights] == [
        "style-arbitrary-predict",
        "style-arbitrary-transform",
    ]
    error = report_of(kept).pages[0].colour_error
    assert error is not None
    assert error < 4
    assert np.abs(pixels_of(free).astype(int) - source).mean() > 20
    chroma = (pixels_of(p).astype(int) @ (-169, -331, 500) / 1000 for p in (free, kept))
    own = source.astype(int) @ (-169, -331, 500) / 1000
    far, near = (float(np.abs(c - own).mean()) for c in chroma)
    assert near < 0.2 * far


def test_the_networks_in_the_step_repeat_themselves() -> None:
    source = document(photo("chelsea"))
    parameters: dict[str, Any] = {"backend": "auto", "style": "navy-print", "workingSize": 200}
    first, second = (pixels_of(styled(source, context=HERE, **parameters)) for _ in range(2))
    assert (first == second).all()


@pytest.mark.slow
@pytest.mark.parametrize("keep_colors", [False, True])
def test_a_12_megapixel_picture_of_odd_size(keep_colors: bool) -> None:
    source = enlarged(photo("china"), 7)[:3001, :4001]
    source = np.ascontiguousarray(
        np.pad(source, ((0, 3001 - source.shape[0]), (0, 0), (0, 0)), "reflect")
    )
    mask = np.zeros(source.shape[:2], np.uint8)
    mask[500:2500, 600:3500] = 255
    result = styled(
        document(source),
        mask=document(mask[..., None].repeat(3, axis=2), grey=True),
        context=HERE,
        backend="auto",
        style="golden-engraving",
        keepColors=keep_colors,
    )
    made, page = pixels_of(result), report_of(result).pages[0]
    assert made.shape == (3001, 4001, 3)
    assert page.working_size is not None
    assert page.working_size[0] * page.working_size[1] <= 1280 * 1280
    assert page.largest_difference_outside == 0
    assert (made[mask == 0] == source[mask == 0]).all()
    inner = made[600:2400, 700:3400]
    assert (inner != source[600:2400, 700:3400]).any(axis=2).mean() > 0.9


@pytest.mark.parametrize("keep_colors", [False, True])
def test_strips_leave_no_seam(keep_colors: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    source = document(enlarged(photo("china"), 2))
    wanted: dict[str, Any] = {"backend": "auto", "workingSize": 300, "keepColors": keep_colors}
    monkeypatch.setattr("steps.style_transfer.page.STRIP", 2**15)
    strips = pixels_of(styled(source, context=HERE, **wanted))
    monkeypatch.setattr("steps.style_transfer.page.STRIP", 2**30)
    whole = pixels_of(styled(source, context=HERE, **wanted))
    assert np.abs(strips.astype(int) - whole).max() <= 1  # rounding
    assert (strips != whole).mean() < 1e-3


def test_noise_is_no_trouble() -> None:
    for side in (1, 2, 5, 31):
        result = styled(document(noise(side, 3)), context=HERE, backend="auto")
        assert pixels_of(result).shape == (3, side, 3)
