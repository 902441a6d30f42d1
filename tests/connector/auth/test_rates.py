"""How often, and what is asked once: by a clock of the tests' own."""

import asyncio
from dataclasses import dataclass, field

import pytest

from connector.auth.kept import Kept
from connector.auth.rates import Buckets


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    buckets = Buckets(clock=clock)
    taken = [buckets.take("a", 6, 60) for _ in range(7)]
    assert [each.allowed for each in taken] == [True] * 6 + [False]
    assert [each.remaining for each in taken] == [5, 4, 3, 2, 1, 0, 0]
    assert taken[-1].seconds_to_next == pytest.approx(10)
    assert taken[-1].seconds_to_full == pytest.approx(60)
    clock.now += 10
    assert buckets.take("a", 6, 60).allowed
    assert not buckets.take("a", 6, 60).allowed
    assert buckets.take("b", 6, 60).allowed


def test_looking_takes_nothing_and_rest_fills_no_more_than_the_bucket() -> None:
    clock = Clock()
    buckets = Buckets(clock=clock)
    for _ in range(3):
        assert buckets.look("a", 1, 60).allowed
    assert buckets.take("a", 1, 60).allowed
    clock.now += 3600
    assert [buckets.take("a", 1, 60).allowed for _ in range(2)] == [True, False]


def test_memory_is_bounded() -> None:
    buckets = Buckets(most=3, clock=Clock())
    for name in "abcd":
        buckets.take(name, 1, 60)
    assert buckets.look("a", 1, 60).allowed
    assert not buckets.look("d", 1, 60).allowed


@dataclass
class Source:
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> str | None:
        self.asked.append(name)
        return self.answers.get(name)


@pytest.mark.anyio
async def test_an_answer_is_kept_for_its_time_and_no_longer() -> None:
    clock, source = Clock(), Source({"a": "1"})
    kept = Kept(source, 5, clock=clock)
    assert [await kept.get("a") for _ in range(3)] == ["1"] * 3
    assert source.asked == ["a"]
    source.answers.clear()
    clock.now += 4.9
    assert await kept.get("a") == "1"
    clock.now += 0.2
    assert kept.has("a")
    assert await kept.get("a") is None
    assert not kept.has("a")


@pytest.mark.anyio
async def test_nothing_is_kept_of_what_was_not_found() -> None:
    source = Source()
    kept = Kept(source, 5)
    assert await kept.get("a") is None
    source.answers["a"] = "1"
    assert await kept.get("a") == "1"


@pytest.mark.anyio
async def test_a_crowd_asks_once_and_one_who_leaves_takes_nothing_away() -> None:
    source = Source({"a": "1"})
    kept = Kept(source, 5)
    crowd = [asyncio.ensure_future(kept.get("a")) for _ in range(50)]
    await asyncio.sleep(0)
    crowd[0].cancel()
    assert await asyncio.gather(*crowd[1:]) == ["1"] * 49
    assert source.asked == ["a"]


@pytest.mark.anyio
async def test_the_longest_unused_goes_first() -> None:
    source = Source({name: name for name in "abc"})
    kept = Kept(source, 5, most=2)
    for name in "abac":
        await kept.get(name)
    assert [kept.has(name) for name in "abc"] == [True, False, True]
