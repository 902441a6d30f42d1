"""Result sizes: what the caller named, within the limits, in as few passes as the backend needs."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steps.errors import InvalidParameters
from steps.imaging.limits import Limits
from steps.upscale import UpscaleParameters
from steps.upscale.size import passes, target_of
from steps.validation import validate

SIDE = st.integers(1, 4000)


UNLIMITED = Limits(max_pixels=10**12, max_side=10**9)


def target(source: tuple[int, int], limits: Limits = UNLIMITED, **named: Any) -> tuple[int, int]:
    return target_of(source, validate(UpscaleParameters, named), limits)


@given(SIDE, SIDE, st.floats(1.0, 8.0))
def test_a_factor_is_met_within_a_rounding(width: int, height: int, factor: float) -> None:
    made = target((width, height), factor=factor)
    assert abs(made[0] - width * factor) <= 0.5
    assert abs(made[1] - height * factor) <= 0.5


@given(SIDE, SIDE, st.floats(1.0, 8.0))
def test_a_named_side_is_met_exactly(width: int, height: int, factor: float) -> None:
    longest = max(width, height)
    named = min(8 * longest, math.ceil(longest * factor))
    made = target((width, height), longestSide=named)
    assert max(made) == named
    assert abs(made[0] * height - made[1] * width) <= max(width, height)


@given(SIDE, SIDE, st.floats(1.0, 8.0))
def test_passes_end_at_the_target_and_none_is_more_than_the_backend_can(
    width: int, height: int, factor: float
) -> None:
    wanted = (max(1, round(width * factor)), max(1, round(height * factor)))
    sizes = ((width, height), *passes((width, height), wanted, 4.0))
    assert sizes[-1] == wanted
    for before, after in pairwise(sizes):
        assert all(b <= a <= 4 * b for b, a in zip(before, after, strict=True))
    assert len(sizes) - 1 <= (1 if factor <= 3.4 else 2)


def test_the_words() -> None:
    assert target((1024, 768), longestSide="4k") == (3840, 2880)
    assert target((768, 1024), longestSide="4k") == (2880, 3840)
    assert target((1024, 768), longestSide="8k") == (7680, 5760)


def test_one_side_alone_keeps_the_aspect_ratio() -> None:
    assert target((100, 60), width=150) == (150, 90)
    assert target((100, 60), height=90) == (150, 90)
    assert target((100, 60), width=250, height=150) == (250, 150)
    assert target((101, 60), width=300, height=178) == (300, 178)


def test_twice_when_nothing_is_named() -> None:
    assert target((7, 3)) == (14, 6)


@pytest.mark.parametrize(
    ("named", "pointer", "said"),
    [
        ({"width": 50}, "/width", "would make the picture smaller; the picture has 100 × 60 px"),
        ({"longestSide": 99}, "/longestSide", "smaller"),
        ({"width": 900}, "/width", "more than 8 times as wide and high.*at most 800 × 480 px"),
        ({"longestSide": "4k"}, "/longestSide", "more than 8 times"),
        (
            {"width": 300, "height": 300},
            "/width",
            "width 300 goes with height 180, height 300 with width 500",
        ),
    ],
)
def test_sizes_that_are_refused(named: dict[str, Any], pointer: str, said: str) -> None:
    with pytest.raises(InvalidParameters, match=said) as caught:
        target((100, 60), **named)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(max_pixels=54_000), "54,000 px.*accepted is factor 1 to 3, at most 300 × 180 px"),
        (Limits(max_side=250), "250 px a side.*accepted is factor 1 to 2.5, at most 250 × 150 px"),
    ],
)
def test_a_result_over_the_limits_is_refused_with_what_is_accepted(
    limits: Limits, said: str
) -> None:
    with pytest.raises(InvalidParameters, match=said) as caught:
        target((100, 60), limits, factor=4)
    assert caught.value.pointer == "/factor"
    assert target((100, 60), limits, factor=2)


@pytest.mark.parametrize(
    ("named", "pointer"),
    [
        ({"factor": 0.99}, "/factor"),
        ({"factor": 8.01}, "/factor"),
        ({"factor": float("nan")}, "/factor"),
        ({"factor": 2, "width": 100}, ""),
        ({"height": 10, "longestSide": "4k"}, ""),
        ({"longestSide": "5k"}, "/longestSide"),
        ({"longestSide": 0}, "/longestSide"),
        ({"detail": 1.1}, "/detail"),
        ({"memoryMb": 1}, "/memoryMb"),
        ({"quality": "good"}, "/quality"),
        ({"scale": 2}, "/scale"),
    ],
)
def test_parameters_that_are_refused(named: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        validate(UpscaleParameters, named)
    assert pointer in {path for path, _ in caught.value.errors}
