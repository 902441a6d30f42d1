"""The order of queues, and what it saves: loads of models under a budget that holds two of three."""

import random
from collections import deque
from pathlib import Path

import pytest

from connector.queue.affinity import Affinity
from steps.environment import Environment
from steps.residency import Budget, Pool
from steps.residency.pool import Key
from tests.steps.residency.fakes import A, B, C

HERE = Environment(weights_dir=Path("/none"))
KINDS = {"a": A, "b": B, "c": C}


class Clock:
    """A clock that is told the time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def affinity(clock: Clock, patience: float = 30) -> Affinity:
    return Affinity(("a", "b", "c"), patience, clock)


def test_without_patience_the_first_queue_comes_first(clock: Clock) -> None:
    order = affinity(clock, patience=0)
    order.served("c")
    assert order.order() == ("a", "b", "c")


def test_it_stays_with_the_queue_that_it_served(clock: Clock) -> None:
    order = affinity(clock)
    assert order.order() == ("a", "b", "c")
    order.served("b")
    assert order.order() == ("b", "c", "a")


def test_when_its_patience_is_over_the_others_have_their_turn(clock: Clock) -> None:
    order = affinity(clock)
    order.served("b")
    clock.now = 20
    order.served("b")
    clock.now = 31
    assert order.order() == ("c", "a", "b")
    order.served("c")
    assert order.order() == ("c", "a", "b")


def test_where_nobody_else_waited_its_patience_begins_anew(clock: Clock) -> None:
    order = affinity(clock)
    order.served("b")
    clock.now = 31
    order.served("b")
    clock.now = 40
    assert order.order()[0] == "b"


def loads(patience: float) -> int:
    """Serve 200 mixed items of three steps, a second each, and count the models loaded."""
    clock, pool = Clock(), Pool(lambda _: Budget(memory=25, gpu=0))
    rng = random.Random(0)
    waiting = {name: deque[int]() for name in KINDS}
    left = deque(rng.choice("abc") for _ in range(200))
    order = affinity(clock, patience)
    while left or any(waiting.values()):
        while left and len(left) > 200 - 20 * (clock.now + 1):  # twenty a second come in
            waiting[left.popleft()].append(0)
        queue = next(name for name in order.order() if waiting[name])
        waiting[queue].popleft()
        order.served(queue)
        kind = KINDS[queue]
        pool.get(Key(kind, HERE, None), kind, expected_bytes=10)
        clock.now += 1
    return pool.counts().loads


def test_by_affinity_hardly_more_models_are_loaded_than_by_the_best_order() -> None:
    best = len(KINDS)  # all of one step, then all of the next
    assert loads(patience=300) <= 1.3 * best
