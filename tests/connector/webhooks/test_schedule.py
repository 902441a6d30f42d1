import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.fetch import Reason, SourceUnreachable
from connector.webhooks.schedule import (
    DELAYS,
    JITTER,
    MAX_RETRY_AFTER,
    Verdict,
    delay,
    next_wait,
    retry_after,
    verdict,
)

NOW = 1_445_412_480.0  # Wed, 21 Oct 2015 07:28:00 GMT


def test_the_schedule_of_the_contract() -> None:
    assert list(DELAYS) == [0, 5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600]
    assert delay(1, random.Random()) == 0
    assert delay(8, random.Random()) is None


@given(st.integers(1, 7), st.integers())
def test_jitter_is_bounded_and_repeatable(attempt: int, seed: int) -> None:
    found = delay(attempt, random.Random(seed))
    assert found is not None
    assert DELAYS[attempt - 1] <= found <= DELAYS[attempt - 1] * (1 + JITTER)
    assert found == delay(attempt, random.Random(seed))


def test_jitter_spreads() -> None:
    rng = random.Random(1)
    assert len({delay(4, rng) for _ in range(20)}) == 20


def test_attempts_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        delay(0, random.Random())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (200, Verdict.DELIVERED),
        (202, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (410, Verdict.GIVE_UP),
        *((status, Verdict.RETRY) for status in (301, 302, 400, 401, 404, 408, 409, 429, 500, 503)),
        (SourceUnreachable(Reason.CONNECT, "no"), Verdict.RETRY),
        (SourceUnreachable(Reason.ADDRESS, "no"), Verdict.RETRY),
    ],
)
def test_verdicts(answer: int | Exception, expected: Verdict) -> None:
    assert verdict(answer) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("0", 0),
        (" 120 ", 120),
        ("999999", MAX_RETRY_AFTER),
        ("9" * 5000, MAX_RETRY_AFTER),
        ("Wed, 21 Oct 2015 07:29:00 GMT", 60),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
        ("Wed, 99 Oct 2015 07:29:00 GMT", 0),
    ],
)
def test_retry_after(value: str | None, expected: float) -> None:
    assert retry_after(value, NOW) == expected


@given(st.text())
def test_any_header_asks_for_a_bounded_wait(value: str) -> None:
    assert 0 <= retry_after(value, NOW) <= MAX_RETRY_AFTER


def test_the_longer_wait_wins_and_the_last_attempt_is_the_last() -> None:
    first = next_wait(1, 60, random.Random(0))
    assert first == 60
    fourth = next_wait(4, 60, random.Random(0))
    assert fourth is not None
    assert fourth >= 1800
    assert next_wait(7, 60, random.Random(0)) is None
