"""The life of one item in a worker: claim, load, run the chain, store, finish and claim the next.

The worker's process has one `Workplace`. Everything that ends an item is one conditional write, tried
until the database takes it: a result that was paid for is not thrown away because of a lost connection.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from connector import logs, tracing
from connector.jobs import attempts, claim, filed, finish
from connector.jobs.database import Database
from connector.jobs.errors import DatabaseUnavailable
from connector.jobs.model import Claim, ClaimedPart, Failure, Renewal, Rules
from connector.jobs.reap import LATE
from connector.queue.affinity import Affinity
from connector.storage.errors import StorageError
from connector.storage.store import FileStore
from connector.work import reuse
from connector.work.heart import Heart, Reason
from connector.work.made import Result
from connector.work.making import make
from steps.environment import Environment
from steps.errors import StepError
from steps.registry import Registry

log = logging.getLogger(__name__)

T = TypeVar("T")

FetchPart = Callable[[ClaimedPart, Callable[[], bool]], bytes]
"""Fetches the bytes behind a part's URL, asking now and then whether to stop; raises StepError."""

PAUSE_SECONDS = 1.0
"""Between two tries to write an item's end while the database is away."""
FIRST_REST, LONGEST_REST = 1.0, 30.0
"""Seconds that a worker rests after the storage failed, doubled at each failure that follows: on a full disk it
would otherwise use up the attempts of everything that waits within seconds."""
RETRY_CODES = frozenset(
    {"storage-unavailable", "out-of-memory", "worker-lost", "backend-unreachable"}
)
"""Failures that may pass: the item is begun again, as long as it has attempts."""


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What happened to one attempt, for the worker's figures."""

    outcome: str
    """finished, failed, cancelled, lost, returned"""
    seconds: float
    reports: Sequence[Mapping[str, object]] = ()


@dataclass(kw_only=True)
class Workplace:
    """What one worker process works with."""

    database: Database
    files: FileStore
    registry: Registry
    environment: Environment
    rules: Rules
    worker_id: str
    queues: tuple[str, ...]
    affinity_seconds: float = 0.0
    """How long it stays with the queue that it served last while others may wait; 0: never."""
    fetch: FetchPart
    reuse_results: bool = False
    note: Callable[[Noted], None] = lambda _: None
    idle: Callable[[], None] = lambda: None
    """Called every second: the worker's own sign of life."""
    now: Callable[[], float] = time.time
    ending: threading.Event = field(default_factory=threading.Event)
    """Set when the process is to end; the item at hand is handed back."""
    rest: Callable[[float], object] | None = None
    """Rests, seconds; None: no longer than until the process is to end."""

    def __post_init__(self) -> None:
        """Make the heart; it does not beat yet."""
        self.heart = Heart(self._renew, self.idle)
        self.affinity = Affinity(self.queues, self.affinity_seconds)
        self._rest_seconds = 0.0
        self._next: Claim | None = None
        """Claimed when the one before it was finished, and begun at once."""

    def end(self) -> None:
        """Stop the item at hand, hand it back, and claim no other. Safe in a signal handler."""
        self.ending.set()
        self.heart.end()

    def close(self) -> None:
        """Hand back what was claimed and not begun; after the last `serve_one`.

        Raises:
            DatabaseUnavailable: it could not be written; the lease brings it back.
        """
        held, self._next = self._next, None
        if held is not None:
            self.database.write(lambda tx: attempts.give_back(tx, held, self.now(), self.rules))

    def serve_one(self) -> bool:
        """Claim the next item and work on it to its end, unless nothing waits.

        Returns:
            Whether there may be more to do. False: nothing waits, as the last result's commit or a claim found.

        Raises:
            DatabaseUnavailable: nothing could be claimed.
        """
        held, self._next = self._next, None
        if held is None and not self.ending.is_set():
            held = self.database.write(
                lambda tx: claim.claim(
                    tx, self.affinity.order(), self.worker_id, self.now(), self.rules
                ),
                relaxed=True,
            )
        if held is None:
            return False
        self.affinity.served(held.queue)
        attempt = _Attempt(self, held)
        attempt.run()
        self._next = attempt.next
        self._rest(attempt.failure)
        return self._next is not None or not attempt.looked_on

    def _rest(self, failure: Failure | None) -> None:
        if failure is None or failure.code != StorageError.code:
            self._rest_seconds = 0.0
            return
        self._rest_seconds = min(LONGEST_REST, max(FIRST_REST, 2 * self._rest_seconds))
        log.warning("resting, since the storage failed", extra={"seconds": self._rest_seconds})
        (self.rest or self.ending.wait)(self._rest_seconds)

    def _renew(self, held: Claim, progress: float, phase: str) -> Renewal:
        return self.database.write(
            lambda tx: claim.renew(
                tx, held, self.now(), self.rules, progress=progress, phase=phase
            ),
            relaxed=True,
        )


class _Attempt:
    """One attempt at one item."""

    def __init__(self, place: Workplace, held: Claim) -> None:
        self.place, self.held = place, held
        self.began = time.perf_counter()
        self.result: Result | None = None
        self.next: Claim | None = None
        self.looked_on = False
        """Whether it looked for a next item at its end."""
        self.failure: Failure | None = None
        """Why it failed; None as long as it has not."""

    def run(self) -> None:
        held, heart = self.held, self.place.heart
        logs.trace_id.set(held.trace_id)
        logs.job_id.set(held.job_id)
        heart.take(held)
        if self.place.ending.is_set():  # the signal came between the claim and here
            heart.end()
        try:
            with tracing.item_span(held):
                self._note(self._work())
        finally:
            heart.drop()
            logs.job_id.set("")

    def _work(self) -> str:
        try:
            self.result = make(self.place, self.held)
        except StepError as error:
            if error.code == "cancelled" and self.place.heart.is_stopped():
                return self._stopped()
            if error.__cause__ is not None:
                log.exception("a step failed", extra=self._named())
            return self._failed(_failure(error))
        except StorageError as error:
            log.warning("the storage failed", exc_info=True, extra=self._named())
            return self._failed(Failure(code=error.code, detail=error.detail))
        except DatabaseUnavailable as error:
            return self._failed(Failure(code=error.code, detail=error.detail))
        except Exception:
            log.exception("unexpected error in a step", extra=self._named())
            detail = (
                f"the step failed unexpectedly; the worker's log has trace {self.held.trace_id}"
            )
            return self._failed(Failure(code="step-failed", detail=detail))
        return self._finished(self.result)

    def _finished(self, result: Result) -> str:
        place, held = self.place, self.held

        queues = () if place.ending.is_set() else place.affinity.order()

        def write(tx: Connection) -> tuple[bool, Claim | None]:
            counts, claimed = finish.finish_and_claim(
                tx,
                held,
                result.parts,
                result.replaced,
                queues,
                place.now(),
                place.rules,
                reports=result.reports,
                touched_at=result.touched_at,
            )
            if counts and result.reuse_key is not None:
                reuse.keep(tx, result, place.now(), place.rules)
            return counts, claimed

        counts, self.next = self._surely(write)
        self.looked_on = counts and bool(queues)
        return "finished" if counts else self._abandoned()

    def _failed(self, failure: Failure) -> str:
        self.failure = failure
        place, held = self.place, self.held
        verb = finish.try_again if failure.code in RETRY_CODES else finish.fail
        counts = self._surely(lambda tx: verb(tx, held, failure, place.now(), place.rules))
        return "failed" if counts else self._abandoned()

    def _stopped(self) -> str:
        place, held = self.place, self.held
        reason = place.heart.reason
        if reason is Reason.LATE:
            return self._failed(LATE)
        if reason is Reason.LOST:
            return self._abandoned()
        verb = finish.stop if reason is Reason.CANCELLED else attempts.give_back
        counts = self._surely(lambda tx: verb(tx, held, place.now(), place.rules))
        if not counts:
            return self._abandoned()
        return "cancelled" if reason is Reason.CANCELLED else "returned"

    def _abandoned(self) -> str:
        """The lease was lost: give up what was stored, so that nothing is orphaned."""
        log.warning("the lease was lost; another worker has the item", extra=self._named())
        if self.result is not None:
            place, result = self.place, self.result
            hashes = [part.sha256 for part in result.parts]

            def give_up(tx: Connection) -> None:
                filed.settle(tx, hashes, result.touched_at)
                filed.sweep(tx, place.files.delete, place.now(), among=hashes)

            self._surely(give_up)
        return "lost"

    def _surely(self, write: Callable[[Connection], T]) -> T:
        """Write until the database takes it, or the process ends; the lease may run out meanwhile."""
        while True:
            try:
                return self.place.database.write(write)
            except DatabaseUnavailable:
                log.warning("the database is away; waiting for it", extra=self._named())
                if self.place.ending.wait(PAUSE_SECONDS):
                    raise

    def _note(self, outcome: str) -> None:
        seconds = time.perf_counter() - self.began
        log.info(
            "an attempt ended",
            extra={**self._named(), "outcome": outcome, "seconds": round(seconds, 4)},
        )
        reports = self.result.reports if self.result is not None else ()
        self.place.note(Noted(outcome=outcome, seconds=seconds, reports=reports))

    def _named(self) -> dict[str, object]:
        return {"item": self.held.name, "attempt": self.held.attempt}


def _failure(error: StepError) -> Failure:
    fields = getattr(error, "errors", ())
    return Failure(
        code=error.code, detail=error.detail, pointer=error.pointer, fields=tuple(fields)
    )
