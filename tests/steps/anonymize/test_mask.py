from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steps.anonymize.mask import opacity_of, removals_of
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detection, Segmenter
from steps.backends.segmentation.stub import StubSegmenter
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels


class Draws(Segmenter):
    """A segmenter that gives what a test wants."""

    descriptor = StubSegmenter.descriptor

    def __init__(self, draw: Callable[[Mask], None]) -> None:
        self.draw = draw

    @classmethod
    def load(cls, environment: Environment) -> "Draws":
        return cls(lambda mask: None)

    def segment(self, pixels: Pixels, box: Box) -> Mask:
        mask = np.zeros(pixels.shape[:2], np.uint8)
        self.draw(mask)
        return mask


PAGE = np.zeros((200, 300, 3), np.uint8)
PERSON = Detection("person", 0.9, Box(100, 40, 160, 180))


def body(mask: Mask) -> None:
    mask[45:178, 110:150] = 255


def opacity(
    segmenter: Segmenter | None = None, detection: Detection = PERSON, **parameters: object
) -> Mask:
    chosen = AnonymizeParameters.model_validate(parameters)
    removals = removals_of(PAGE, [detection], chosen, segmenter)
    return opacity_of(removals, 300, 200, None)


def test_the_box_is_covered_fully_and_the_ring_round_it_softly() -> None:
    mask = opacity(dilate=0.1, feather=0.05)
    assert (mask[40:180, 100:160] == 255).all()
    assert mask[110, 94] > 0
    assert mask[110, 160 + 8] == 0
    ring = mask[110, 150:175]
    assert (np.diff(ring.astype(int)) <= 0).all()
    assert ((ring > 0) & (ring < 255)).any()


def test_a_body_that_the_segmenter_is_sure_of_is_followed() -> None:
    mask = opacity(Draws(body))
    assert (mask[45:178, 110:150] == 255).all()
    assert mask[60, 101] == 0


@pytest.mark.parametrize(
    "draw",
    [
        lambda mask: None,
        lambda mask: mask.__setitem__((slice(45, 60), slice(110, 150)), 255),
        lambda mask: mask.__setitem__((slice(70, 178), slice(110, 150)), 255),
    ],
    ids=["nothing", "too-little-of-the-box", "the-head-is-missing"],
)
def test_where_the_outline_is_not_sure_the_whole_box_goes(draw: Callable[[Mask], None]) -> None:
    mask = opacity(Draws(draw))
    assert (mask[40:180, 100:160] == 255).all()


def test_holes_in_a_body_are_filled_and_crumbs_left_out() -> None:
    def holed(mask: Mask) -> None:
        body(mask)
        mask[100:110, 120:130] = 0
        mask[60, 102] = 255

    mask = opacity(Draws(holed), dilate=0.0, feather=0.0)
    assert (mask[100:110, 120:130] == 255).all()
    assert mask[60, 101] == 0


def test_a_person_cut_by_the_pictures_edge_goes_as_a_whole_box() -> None:
    cut = Detection("person", 0.9, Box(0, 40, 60, 180))
    mask = opacity(Draws(lambda m: m.__setitem__((slice(45, 178), slice(10, 50)), 255)), cut)
    assert (mask[40:180, :60] == 255).all()


def test_a_segmenter_is_asked_only_about_what_it_knows() -> None:
    segmenter = Draws(body)
    segmenter.labels = ("person",)
    car = Detection("car", 0.9, PERSON.box)
    assert (opacity(segmenter, car)[40:180, 100:160] == 255).all()


def test_a_face_goes_as_an_ellipse_a_little_larger_than_its_box() -> None:
    face = Detection("face", 0.9, Box(100, 40, 160, 120))
    mask = opacity(None, face, dilate=0.0)
    assert mask[80, 96] == 255
    assert mask[41, 101] == 0


def test_keep_zones_win_over_masks() -> None:
    removals = removals_of(PAGE, [PERSON], AnonymizeParameters(), None)
    keep = np.zeros((200, 300), np.uint8)
    keep[:100] = 255
    mask = opacity_of(removals, 300, 200, keep)
    assert not mask[:100].any()
    assert mask[150, 130] == 255


@given(
    x0=st.floats(-5, 290),
    y0=st.floats(-5, 190),
    width=st.floats(0, 120),
    height=st.floats(0, 120),
    dilate=st.floats(0, 1),
    feather=st.floats(0, 0.5),
    growth=st.floats(1, 4),
)
def test_any_box_is_covered_wherever_it_lies(
    x0: float, y0: float, width: float, height: float, dilate: float, feather: float, growth: float
) -> None:
    left, top = max(0.0, x0), max(0.0, y0)
    box = Box(left, top, min(300, left + width), min(200, top + height))
    parameters = AnonymizeParameters(dilate=dilate, feather=feather)
    removals = removals_of(PAGE, [Detection("x", 1, box)], parameters, None, growth=growth)
    mask = opacity_of(removals, 300, 200, None)
    inside = mask[int(box.y0) : int(np.ceil(box.y1)), int(box.x0) : int(np.ceil(box.x1))]
    assert mask.any()
    assert (inside == 255).all()


@given(st.floats(1, 3))
def test_masks_only_grow_with_growth(growth: float) -> None:
    parameters = AnonymizeParameters()
    small = opacity_of(removals_of(PAGE, [PERSON], parameters, None), 300, 200, None)
    grown = removals_of(PAGE, [PERSON], parameters, None, growth=growth)
    assert (opacity_of(grown, 300, 200, None) >= small).all()


def test_a_person_cut_by_the_edge_is_followed_where_the_outline_reaches_all_round() -> None:
    cut = Detection("person", 0.9, Box(0, 40, 60, 180))
    mask = opacity(Draws(lambda m: m.__setitem__((slice(45, 178), slice(0, 52)), 255)), cut)
    assert (mask[45:178, :52] == 255).all()
    assert mask[60, 59] == 0


def test_gaps_within_a_body_are_closed() -> None:
    def slit(mask: Mask) -> None:
        body(mask)
        mask[45:178, 128:131] = 0

    assert (opacity(Draws(slit), dilate=0.0)[60:170, 112:148] == 255).all()


def test_small_islands_between_masks_go_with_them_and_large_ones_stay() -> None:
    def ring(mask: Mask) -> None:
        mask[30:170, 80:220] = 255

    frame = [Box(60, 30, 90, 170), Box(200, 30, 230, 170), Box(60, 30, 230, 60)]
    small = [*frame, Box(60, 66, 230, 170)]
    large = [*frame, Box(60, 150, 230, 170)]
    for boxes, stays in ((small, False), (large, True)):
        things = [Detection("x", 0.9, box) for box in boxes]
        removals = removals_of(PAGE, things, AnonymizeParameters(dilate=0.0, feather=0.0), None)
        mask = opacity_of(removals, 300, 200, None)
        middle = mask[63, 95:195] if not stays else mask[70:140, 100:190]
        assert (middle == (0 if stays else 255)).all()


def test_what_arms_and_legs_enclose_stays_open() -> None:
    def arch(mask: Mask) -> None:
        body(mask)
        mask[100:178, 118:142] = 0
        mask[170:178, 110:150] = 255

    mask = opacity(Draws(arch), dilate=0.0, feather=0.0)
    assert not mask[110:160, 124:136].any()
    assert (mask[100:178, 110:117] == 255).all()


def test_no_soft_shore_of_an_island_lets_the_source_shine_through() -> None:
    boxes = [
        Box(60, 30, 120, 170),
        Box(140, 30, 200, 170),
        Box(60, 30, 200, 70),
        Box(60, 95, 200, 170),
    ]
    removals = removals_of(
        PAGE, [Detection("x", 0.9, box) for box in boxes], AnonymizeParameters(feather=0.1), None
    )
    assert (opacity_of(removals, 300, 200, None)[30:170, 60:200] == 255).all()
