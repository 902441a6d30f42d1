"""When a callback is tried again, and when it is over."""

import math
import random
from email.utils import parsedate_to_datetime
from enum import StrEnum

DELAYS: tuple[float, ...] = (0.0, 5.0, 30.0, 300.0, 1800.0, 7200.0, 18000.0)
"""Seconds before each attempt, counted from the end of the one before: 7 attempts in about 7.5 hours,
so that a receiver may be down for a night's maintenance."""
JITTER = 0.2
"""Each delay grows by up to this share, so that a receiver that comes back is not hit by all at once."""
MAX_RETRY_AFTER = 3600.0
"""Longest wait that a receiver may ask for, seconds; a longer one counts as this."""


class Verdict(StrEnum):
    """What one attempt's outcome means."""

    DELIVERED = "delivered"
    """The receiver took it (2xx)."""
    RETRY = "retry"
    """Try again, as long as the schedule goes on."""
    GIVE_UP = "give-up"
    """The receiver says that it is gone for good (410), or the schedule is over."""


def delay(attempt: int, rng: random.Random) -> float | None:
    """Return the seconds to wait before an attempt (1 is the first); None where there is none any more.

    The same attempt and the same state of the generator give the same delay.

    Raises:
        ValueError: attempts count from 1.
    """
    if attempt < 1:
        raise ValueError(f"attempts count from 1; given: {attempt}")
    if attempt > len(DELAYS):
        return None
    return DELAYS[attempt - 1] * (1 + JITTER * rng.random())


def verdict(answer: int | Exception) -> Verdict:
    """Judge one attempt by its HTTP status, or by the error that stood in its place.

    404 and 409 are tried again like the rest: an n8n wait may not be registered yet. So are refusals of
    the guard, since a name or a setting may be mended within hours.
    """
    if isinstance(answer, int):
        if 200 <= answer < 300:
            return Verdict.DELIVERED
        if answer == 410:
            return Verdict.GIVE_UP
    return Verdict.RETRY


def retry_after(value: str | None, now: float) -> float:
    """Return the seconds that a Retry-After header asks for, between 0 and `MAX_RETRY_AFTER`.

    Args:
        value: seconds or an HTTP date; anything else, and None, counts as 0.
        now: seconds since 1970.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:12])
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, OverflowError):  # a header that nobody can read asks for nothing
            seconds = 0.0
    return min(max(0.0, seconds), MAX_RETRY_AFTER) if math.isfinite(seconds) else 0.0


def next_wait(attempt: int, asked: float, rng: random.Random) -> float | None:
    """Return the seconds until the attempt after this one: the schedule's, or what was asked for if longer."""
    scheduled = delay(attempt + 1, rng)
    return None if scheduled is None else max(scheduled, asked)
