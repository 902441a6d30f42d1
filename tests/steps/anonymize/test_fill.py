import numpy as np
import pytest

from steps.anonymize import coarse
from steps.anonymize.mask import opacity_of, removals_of
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import NO_WORDS, Box, Detection
from steps.backends.inpainting.stub import StubInpainter
from steps.contract import Context
from steps.errors import Cancelled
from steps.fill import fill

RNG = np.random.default_rng(0)
PAGE = RNG.integers(0, 256, (120, 160, 3), dtype=np.uint8)
THINGS = [Detection("x", 1, Box(20, 20, 60, 90)), Detection("x", 1, Box(110, 40, 140, 70))]
REMOVALS = removals_of(PAGE, THINGS, AnonymizeParameters(), None)
OPACITY = opacity_of(REMOVALS, 160, 120, None)


def test_inpainting_changes_nothing_outside_and_replaces_all_inside() -> None:
    result = fill(PAGE, OPACITY, StubInpainter(), Context(), seed=0)
    assert (result[OPACITY == 0] == PAGE[OPACITY == 0]).all()
    assert result[OPACITY == 255].std() < 2


def test_what_must_not_be_copied_is_passed_on_with_the_other_regions() -> None:
    seen = []

    class Spy(StubInpainter):
        def inpaint(self, pixels, mask, *, seed, check_cancelled, forbidden=None, words=NO_WORDS):  # type: ignore[no-untyped-def]
            seen.append((mask, forbidden))
            return super().inpaint(
                pixels, mask, seed=seed, check_cancelled=check_cancelled, forbidden=forbidden
            )

    taboo = np.zeros((120, 160), np.uint8)
    taboo[100:, :10] = 255
    fill(PAGE, OPACITY, Spy(), Context(), seed=0, forbidden=taboo)
    assert len(seen) == 2
    for mask, forbidden in seen:
        assert forbidden is not None
        assert not (forbidden[mask > 0] > 0).any()
    # Regions are filled side by side, so in no certain order; the largest crop reaches the corner.
    largest = max((forbidden for _, forbidden in seen), key=lambda forbidden: forbidden.size)
    assert largest[110, 5] == 255
    assert (largest > 0).sum() > 200


def test_inpainting_can_be_cancelled() -> None:
    context = Context(is_cancelled=lambda: True)
    with pytest.raises(Cancelled):
        fill(PAGE, OPACITY, StubInpainter(), context, seed=0)


@pytest.mark.parametrize("smooth", [True, False])
def test_blur_and_pixelate_leave_too_little_to_tell_anyone_apart(smooth: bool) -> None:
    result = coarse.coarsen(PAGE, REMOVALS, OPACITY, smooth=smooth)
    assert (result[OPACITY == 0] == PAGE[OPACITY == 0]).all()
    inside = result[25:85, 25:55].astype(float)
    # 60 × 30 px of noise keep at most the cells' mean colours: neighbours are alike.
    changes = (
        np.abs(np.diff(inside, axis=0)).mean()
        / np.abs(np.diff(PAGE[25:85, 25:55].astype(float), axis=0)).mean()
    )
    assert changes < 0.12


def test_a_higher_strength_leaves_fewer_colours() -> None:
    def colours(strength: float) -> int:
        result = coarse.coarsen(PAGE, REMOVALS, OPACITY, smooth=False, strength=strength)
        return len(np.unique(result[25:85, 25:55].reshape(-1, 3), axis=0))

    assert colours(2.0) < colours(1.0)


def test_a_thing_of_one_pixel_can_be_coarsened() -> None:
    page = np.zeros((1, 1, 3), np.uint8)
    removals = removals_of(page, [Detection("x", 1, Box(0, 0, 1, 1))], AnonymizeParameters(), None)
    opacity = opacity_of(removals, 1, 1, None)
    assert coarse.coarsen(page, removals, opacity, smooth=True).shape == (1, 1, 3)


def test_a_cover_is_one_colour_with_a_hard_edge() -> None:
    result = coarse.cover(PAGE, OPACITY, "#102030")
    assert (result[OPACITY > 0] == (0x10, 0x20, 0x30)).all()
    assert (result[OPACITY == 0] == PAGE[OPACITY == 0]).all()
