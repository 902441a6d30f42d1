"""The rounds on one page, with the stub detector and fills that fail on purpose."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from steps.anonymize.models import Models
from steps.anonymize.page import anonymize_page
from steps.anonymize.parameters import AnonymizeParameters
from steps.anonymize.rounds import PageResult
from steps.backends.contract import NO_WORDS, Box, Detection, Inpainter, Words
from steps.backends.detection.stub import StubDetector
from steps.backends.inpainting.stub import StubInpainter
from steps.contract import Context
from steps.errors import Cancelled, ResidualDetections
from steps.imaging.document import Mask, Page, Pixels
from tests.steps.anonymize.markers import MAGENTA, covers, picture

PERSON = (100, 60, 140, 160)


class Leaves(StubInpainter):
    """Fills, but leaves a person in the hole for the first `times` calls."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.seeds: list[int] = []

    def inpaint(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        self.seeds.append(seed)
        result = super().inpaint(
            pixels, mask, seed=seed, check_cancelled=check_cancelled, forbidden=forbidden
        )
        if len(self.seeds) <= self.times:
            rows, columns = np.nonzero(mask)
            result[rows.min() + 20 : rows.max() - 20, columns.min() + 10 : columns.max() - 10] = (
                MAGENTA
            )
        return result


class Always(StubDetector):
    """Sees a person everywhere it looks."""

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        height, width = pixels.shape[:2]
        return [Detection("person", 0.9, Box(width / 5, height / 5, width / 2, height / 2))]


def run(
    pixels: Pixels,
    inpainter: Inpainter | None = None,
    detector: StubDetector | None = None,
    delivered: Callable[[Page], Pixels] = lambda page: page.pixels,
    context: Context | None = None,
    **parameters: object,
) -> PageResult:
    models = Models((detector or StubDetector(),), None, inpainter or StubInpainter())
    chosen = AnonymizeParameters.model_validate(parameters)
    if chosen.method != "inpaint":
        models = Models(models.detectors, None, None)
    return anonymize_page(
        Page(pixels=pixels), 0, models, chosen, context or Context(seed=3), delivered
    )


def is_magenta(pixels: Pixels) -> bool:
    return bool((np.abs(pixels.astype(int) - MAGENTA) < 60).all(axis=2).any())


def test_a_person_goes_and_the_rest_stays() -> None:
    source = picture(PERSON)
    result = run(source)
    assert not is_magenta(result.page.pixels)
    assert (result.page.pixels[result.mask == 0] == source[result.mask == 0]).all()
    report = result.report
    assert report.verdict == "clean"
    assert [covers(d.box, PERSON) for d in report.detections] == [True]
    assert report.largest_difference_outside_mask == 0
    assert 0 < report.changed_share <= (result.mask > 0).mean()
    assert len(report.rounds) == 1


def test_nothing_found_gives_the_sources_own_pixels() -> None:
    source = picture()
    result = run(source)
    assert result.page.pixels is source
    assert not result.mask.any()
    assert result.report.verdict == "nothing-found"


def test_a_residue_is_filled_again_from_the_source_with_a_larger_mask_and_another_seed() -> None:
    inpainter = Leaves(times=1)
    result = run(picture(PERSON), inpainter)
    assert result.report.verdict == "clean"
    assert [len(r.residual) for r in result.report.rounds] == [1, 0]
    assert len(set(inpainter.seeds)) == 2
    assert result.report.rounds[1].mask_share > result.report.rounds[0].mask_share
    assert result.report.largest_difference_outside_mask == 0


def test_what_cannot_be_filled_is_covered() -> None:
    result = run(picture(PERSON), Leaves(times=99), color="#010203")
    assert result.report.verdict == "redacted"
    assert not is_magenta(result.page.pixels)
    assert (result.page.pixels[110, 120] == (1, 2, 3)).all()
    assert [r.method for r in result.report.rounds] == ["inpaint", "inpaint", "solid"]
    assert result.report.largest_difference_outside_mask == 0


def test_fail_delivers_nothing() -> None:
    with pytest.raises(ResidualDetections, match=r"page 1: still seen .*person"):
        run(picture(PERSON), Leaves(times=99), onResidual="fail")


def test_report_delivers_and_says_what_is_still_seen() -> None:
    result = run(picture(PERSON), Leaves(times=99), onResidual="report")
    assert result.report.verdict == "residual"
    assert [d.label for d in result.report.residual] == ["person"]


@pytest.mark.parametrize("wanted", ["redact", "fail"])
def test_a_detector_that_always_sees_someone_fails_closed(wanted: str) -> None:
    with pytest.raises(ResidualDetections):
        run(picture(PERSON), detector=Always(), onResidual=wanted)


def test_what_only_the_encoded_picture_shows_is_seen() -> None:
    """The second look is at what will be delivered, not at what was filled."""

    def encoder(page: Page) -> Pixels:
        spoilt = page.pixels.copy()
        spoilt[60:160, 100:140] = MAGENTA
        return spoilt

    with pytest.raises(ResidualDetections):
        run(picture(PERSON), delivered=encoder, onResidual="fail")


def test_a_picture_in_which_encoding_shows_someone_new_is_not_waved_through() -> None:
    def encoder(page: Page) -> Pixels:
        spoilt = page.pixels.copy()
        if not (spoilt[100, 120] == (128, 128, 128)).all():
            spoilt[60:160, 100:140] = MAGENTA
        return spoilt

    result = run(picture(), delivered=encoder, method="solid", color="#808080")
    assert result.report.verdict in {"clean", "redacted"}
    assert result.report.detections


def test_a_keep_zone_is_never_changed_and_what_stands_in_it_is_left_alone() -> None:
    other = (220, 60, 260, 160)
    source = picture(PERSON, other)
    zone = {"unit": "px", "rectangle": [200, 0, 320, 240]}
    result = run(source, keepZones=[zone])
    assert (result.page.pixels[:, 200:] == source[:, 200:]).all()
    assert [covers(d.box, PERSON) for d in result.report.detections] == [True]
    assert [covers(d.box, other) for d in result.report.left_alone] == [True]
    assert result.report.verdict == "clean"


def test_an_ignore_zone_leaves_alone_what_has_its_centre_there() -> None:
    result = run(picture(PERSON), ignoreZones=[{"rectangle": [0, 0, 0.5, 1]}])
    assert result.report.verdict == "nothing-found"
    assert len(result.report.left_alone) == 1


@pytest.mark.parametrize("method", ["blur", "pixelate", "solid"])
def test_the_other_methods_leave_nobody_either(method: str) -> None:
    result = run(picture(PERSON), method=method)
    assert not is_magenta(result.page.pixels[70:150, 105:135])
    assert result.report.verdict in {"clean", "redacted"}
    assert result.report.largest_difference_outside_mask == 0


def test_transparency_is_kept() -> None:
    alpha = np.full((240, 320), 77, np.uint8)
    models = Models((StubDetector(),), None, StubInpainter())
    page = Page(pixels=picture(PERSON), alpha=alpha)
    result = anonymize_page(
        page, 0, models, AnonymizeParameters(), Context(), lambda page: page.pixels
    )
    assert result.page.alpha is alpha


def test_cancelling_stops_between_the_phases() -> None:
    asked = itertools.count()
    context = Context(is_cancelled=lambda: next(asked) > 4)
    with pytest.raises(Cancelled):
        run(picture(PERSON), context=context)


def test_progress_never_goes_back() -> None:
    seen: list[float] = []
    run(picture(PERSON), Leaves(times=99), context=Context(on_progress=lambda f, _: seen.append(f)))
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1


def test_a_second_round_changes_only_the_place_where_something_was_still_seen() -> None:
    class LeavesTheFirst(Leaves):
        """Leaves somebody in the hole at the left, once."""

        def inpaint(
            self,
            pixels: Pixels,
            mask: Mask,
            *,
            seed: int,
            check_cancelled: Callable[[], None],
            forbidden: Mask | None = None,
            words: Words = NO_WORDS,
        ) -> Pixels:
            tall = int(np.flatnonzero((mask > 0).any(axis=1)).size)
            self.times = 99 if tall > 80 and not self.seeds else 0
            if tall <= 80:
                return StubInpainter().inpaint(
                    pixels, mask, seed=seed, check_cancelled=check_cancelled, forbidden=forbidden
                )
            return super().inpaint(
                pixels, mask, seed=seed, check_cancelled=check_cancelled, forbidden=forbidden
            )

    source = picture(PERSON, (250, 60, 280, 110))
    once = run(source)
    twice = run(source, LeavesTheFirst(times=1))
    assert [len(r.residual) for r in twice.report.rounds] == [1, 0]
    assert (once.mask[:, 200:] == twice.mask[:, 200:]).all()
    assert (once.page.pixels[:, 200:] == twice.page.pixels[:, 200:]).all()
    assert (twice.mask[:, :200] > 0).sum() > (once.mask[:, :200] > 0).sum()
    assert twice.report.largest_difference_outside_mask == 0
    assert not is_magenta(twice.page.pixels)
