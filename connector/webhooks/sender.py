"""One attempt to deliver one callback."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from connector.fetch import Answer, Policy, Resolver, SourceUnreachable, post, system_resolver
from connector.webhooks.schedule import Verdict, next_wait, retry_after, verdict
from connector.webhooks.signature import signed_headers

ATTEMPT_SECONDS = 15.0
"""Longest attempt, seconds: a receiver takes the message, and works on it afterwards."""
MAX_BODY_BYTES = 20_000
"""Largest callback, bytes: links, never pictures; receivers' usual limits are far above."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A callback that is due."""

    message_id: str
    """The same at every attempt."""
    url: str
    body: bytes
    """JSON, sent as given."""
    secrets: tuple[str, ...]
    """The client's secrets; see `signed_headers`."""
    attempt: int = 1
    """1 for the first."""

    def __post_init__(self) -> None:
        """Check what the writer of the callback owes.

        Raises:
            ValueError: the body is too large.
        """
        if len(self.body) >= MAX_BODY_BYTES:
            raise ValueError(
                f"a callback stays under {MAX_BODY_BYTES} bytes; this one has {len(self.body)}"
            )

    def __repr__(self) -> str:
        """Name the callback without its secrets, and without its URL, which may be one."""
        return f"Outgoing({self.message_id!r}, attempt={self.attempt})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went."""

    status: int | None
    """The HTTP status; None where no answer came."""
    error: str | None
    """Why no answer came, or the beginning of an answer that was no success; None after a success."""
    seconds: float
    """How long the attempt took."""
    verdict: Verdict
    next_in: float | None
    """Seconds until the next attempt; None where there is none."""


def send(
    delivery: Outgoing,
    policy: Policy,
    clock: Callable[[], float] = time.time,
    *,
    rng: random.Random | None = None,
    resolver: Resolver = system_resolver,
) -> Outcome:
    """Post a callback once, signed, without following redirects. Never raises for what a receiver does.

    Args:
        delivery: what to send where, and which attempt this is.
        policy: the guard's rules; the same as for sources.
        clock: seconds since 1970, for the timestamp and for dates in Retry-After.
        rng: for the jitter; None takes a fresh one.
        resolver: from names to addresses.

    Raises:
        ValueError: a secret, the message id or the attempt is none.
    """
    headers = signed_headers(delivery.message_id, int(clock()), delivery.body, delivery.secrets) | {
        "Content-Type": "application/json"
    }
    begun = time.monotonic()
    try:
        answer: Answer | SourceUnreachable = post(
            delivery.url, delivery.body, headers, policy, ATTEMPT_SECONDS, resolver=resolver
        )
    except SourceUnreachable as error:
        answer = error
    seconds = time.monotonic() - begun
    return _outcome(answer, seconds, delivery.attempt, clock(), rng or random.Random())  # noqa: S311 - jitter


def _outcome(
    answer: Answer | SourceUnreachable, seconds: float, attempt: int, now: float, rng: random.Random
) -> Outcome:
    if isinstance(answer, Answer):
        status, error = answer.status, answer.excerpt
        found, asked = verdict(status), retry_after(answer.headers.get("retry-after"), now)
    else:
        status, error = None, answer.detail
        found, asked = verdict(answer), 0.0
    if found is Verdict.DELIVERED:
        return Outcome(status, None, seconds, found, None)
    next_in = next_wait(attempt, asked, rng) if found is Verdict.RETRY else None
    return Outcome(
        status, error, seconds, found if next_in is not None else Verdict.GIVE_UP, next_in
    )
