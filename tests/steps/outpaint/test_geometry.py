from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steps.errors import InvalidParameters
from steps.imaging.limits import Limits
from steps.outpaint import Outpaint, OutpaintParameters
from steps.outpaint.geometry import RING, Extension, blocks_outside, extension_of
from steps.validation import validate

ANCHORS = [
    "center",
    "left",
    "right",
    "top",
    "bottom",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
]
SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000))


NO_LIMITS = Limits()


def extension(size: tuple[int, int], **given: object) -> Extension:
    return within(NO_LIMITS, size, given)


def within(limits: Limits, size: tuple[int, int], given: Mapping[str, object]) -> Extension:
    return extension_of(size, validate(OutpaintParameters, given), limits)


@given(size=SIZES, sides=st.tuples(*[st.integers(0, 16)] * 4).filter(any))
def test_sides_are_added_as_asked(size: tuple[int, int], sides: tuple[int, int, int, int]) -> None:
    found = extension(size, **dict(zip(("left", "right", "top", "bottom"), sides, strict=True)))
    assert (found.left, found.right, found.top, found.bottom) == sides


@given(
    size=SIZES,
    more=st.tuples(st.integers(0, 16), st.integers(0, 16)),
    anchor=st.sampled_from(ANCHORS),
)
def test_a_target_size_is_met_and_the_anchor_says_where_the_original_lies(
    size: tuple[int, int], more: tuple[int, int], anchor: str
) -> None:
    target = size[0] + more[0], size[1] + more[1]
    found = extension(size, width=target[0], height=target[1], anchor=anchor)
    assert found.of(size) == target
    assert min(found.left, found.right, found.top, found.bottom) >= 0
    for name, opposite in (
        ("left", "right"),
        ("right", "left"),
        ("top", "bottom"),
        ("bottom", "top"),
    ):
        if name in anchor.split("-"):
            assert getattr(found, name) == 0
        elif opposite not in anchor.split("-"):
            assert abs(getattr(found, name) - getattr(found, opposite)) <= 1


@given(
    side=st.integers(20, 4000),
    shape=st.floats(1.0, 1.8),
    anchor=st.sampled_from(["center", "top-left"]),
    ratio=st.sampled_from([(16, 9), (1, 1), (5, 4), (1.91, 1)]),
)
def test_an_aspect_ratio_is_met_to_the_pixel_by_the_smallest_size_that_holds_the_picture(
    side: int, shape: float, anchor: str, ratio: tuple[float, float]
) -> None:
    size = round(side * shape), side
    width, height = extension(size, aspectRatio=f"{ratio[0]}:{ratio[1]}", anchor=anchor).of(size)
    assert width == size[0] or height == size[1]
    assert abs(width - height * ratio[0] / ratio[1]) <= 0.5 * max(1, ratio[0] / ratio[1]) + 1e-6


@given(
    size=SIZES,
    shares=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_rings_add_up_and_none_goes_far_beyond_what_is_there(
    size: tuple[int, int], shares: tuple[float, float, float, float]
) -> None:
    sides = [int(share * side) for share, side in zip(shares, (*size, *size), strict=True)]
    whole = Extension(sides[0], sides[2], sides[1], sides[3])
    grown = size
    for ring in whole.rings(size):
        assert max(ring.left, ring.right) <= max(16, round(RING * grown[0]))
        assert max(ring.top, ring.bottom) <= max(16, round(RING * grown[1]))
        grown = ring.of(grown)
    assert grown == whole.of(size)


@pytest.mark.parametrize(
    ("given", "pointer", "accepted"),
    [
        ({"left": 101}, "/left", "at most 100 px"),
        ({"bottom": 81}, "/bottom", "at most 80 px"),
        ({"width": 99}, "/width", "at least 100"),
        ({"height": 79}, "/height", "at least 80"),
        ({"width": 400}, "/width", "at most 100 px"),
        ({"aspectRatio": "5:1"}, "/aspectRatio", "at most 100 px"),
    ],
)
def test_what_the_picture_cannot_carry_is_refused_with_what_is_accepted(
    given: dict[str, object], pointer: str, accepted: str
) -> None:
    with pytest.raises(InvalidParameters, match=accepted) as caught:
        extension((100, 80), **given)
    assert caught.value.pointer == pointer


def test_results_over_the_limits_are_refused() -> None:
    with pytest.raises(InvalidParameters, match="10,000 px in all") as caught:
        within(Limits(max_pixels=10_000), (100, 80), {"right": 100})
    assert caught.value.pointer == "/right"
    with pytest.raises(InvalidParameters, match="120 px a side"):
        within(Limits(max_side=120), (100, 80), {"aspectRatio": "16:9"})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"left": 0},
        {"left": 5, "width": 200},
        {"width": 200, "aspectRatio": "1:1"},
        {"left": 5, "anchor": "left"},
        {"aspectRatio": "16/9"},
        {"aspectRatio": "0:9"},
        {"left": -1},
        {"width": 200, "anchor": "middle"},
    ],
)
def test_unclear_wishes_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(InvalidParameters):
        validate(Outpaint.parameters, given)


@given(
    inner=st.tuples(*[st.integers(0, 12)] * 4),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    tallest=st.integers(1, 7),
)
def test_the_blocks_outside_are_what_is_outside_each_pixel_once(
    inner: tuple[int, int, int, int], size: tuple[int, int], tallest: int
) -> None:
    extension = Extension(*inner)
    width, height = extension.of(size)
    seen = np.zeros((height, width), int)
    for block in blocks_outside(extension.inner(size), (height, width), tallest):
        assert block[0].stop - block[0].start <= tallest
        seen[block] += 1
    wanted = np.ones_like(seen)
    wanted[extension.inner(size)] = 0
    assert (seen == wanted).all()
