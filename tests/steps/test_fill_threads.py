"""Regions are filled side by side, and nobody can tell from the result."""

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from steps.backends.contract import NO_WORDS, Words
from steps.backends.inpainting.stub import StubInpainter
from steps.contract import Context
from steps.environment import Environment
from steps.errors import Cancelled
from steps.fill import fill
from steps.imaging.document import Mask, Pixels

PAGE = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
OPACITY = np.zeros((200, 300), np.uint8)
for left in (10, 110, 210):
    OPACITY[20 : 60 + left // 4, left : left + 30] = 255
    OPACITY[20 : 60 + left // 4, left + 30 : left + 33] = 100


def with_threads(threads: int) -> Context:
    return Context(environment=replace(Environment.from_env({}), threads=threads))


class Waiting(StubInpainter):
    """Fills only once `together` fills have begun."""

    def __init__(self, together: int) -> None:
        self._gate = threading.Barrier(together)

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
        self._gate.wait(timeout=30)
        return super().inpaint(
            pixels, mask, seed=seed, check_cancelled=check_cancelled, forbidden=forbidden
        )


def test_as_many_regions_are_filled_at_a_time_as_there_are_threads() -> None:
    alone = fill(PAGE, OPACITY, StubInpainter(), with_threads(1), seed=3)
    beside = fill(PAGE, OPACITY, Waiting(3), with_threads(3), seed=3)
    assert (alone == beside).all()
    assert (alone[OPACITY == 0] == PAGE[OPACITY == 0]).all()


def test_an_error_in_one_region_is_raised() -> None:
    class Broken(StubInpainter):
        def inpaint(self, *_: object, **__: object) -> Pixels:
            raise RuntimeError("no fill today")

    with pytest.raises(RuntimeError, match="no fill today"):
        fill(PAGE, OPACITY, Broken(), with_threads(2), seed=0)


def test_a_fill_under_way_stops_when_the_caller_cancels() -> None:
    begun = threading.Event()

    class Endless(StubInpainter):
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
            begun.set()
            while True:
                check_cancelled()

    context = replace(with_threads(2), is_cancelled=begun.is_set)
    with pytest.raises(Cancelled):
        fill(PAGE, OPACITY, Endless(), context, seed=0)


def test_a_page_without_a_mask_comes_back_as_it_is() -> None:
    result = fill(PAGE, np.zeros_like(OPACITY), StubInpainter(), with_threads(2), seed=0)
    assert (result == PAGE).all()
    assert result is not PAGE


def test_progress_reaches_the_end() -> None:
    seen: list[float] = []
    context = replace(with_threads(2), on_progress=lambda fraction, _: seen.append(fraction))
    fill(PAGE, OPACITY, StubInpainter(), context, seed=0)
    assert len(seen) == 3
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
