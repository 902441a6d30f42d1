"""Sends the callbacks that are due, several at a time: a slow receiver holds up nobody else's."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from connector.jobs.database import Database
from connector.webhooks import deliveries
from connector.webhooks.deliveries import Due
from connector.webhooks.schedule import Verdict
from connector.webhooks.sender import Outcome, Outgoing

log = logging.getLogger(__name__)

THREADS = 8
"""Attempts at a time: eight receivers that take all of their 15 s still leave 32 a minute."""

Send = Callable[[Outgoing], Outcome]
"""Makes one attempt."""


class Postman:
    """Claims deliveries, sends them from threads, writes down how it went."""

    def __init__(
        self,
        database: Database,
        send: Send,
        now: Callable[[], float] = time.time,
        *,
        threads: int = THREADS,
    ) -> None:
        self._database, self._send, self._now = database, send, now
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="postman")
        self._under_way: set[Future[None]] = set()

    def go(self) -> int:
        """Take as many due deliveries as there are free threads; return how many.

        Raises:
            DatabaseUnavailable: nothing could be claimed.
        """
        self._collect()
        free = self._threads - len(self._under_way)
        if free == 0:
            return 0
        due = self._database.write(lambda tx: deliveries.claim_due(tx, self._now(), free))
        self._under_way |= {self._pool.submit(self._deliver, each) for each in due}
        return len(due)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until a delivery that is under way has ended, or the time is over."""
        if self._under_way:
            wait(self._under_way, seconds, FIRST_COMPLETED)

    @property
    def is_busy(self) -> bool:
        """Whether deliveries are under way."""
        self._collect()
        return bool(self._under_way)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()
        self._collect()

    def _collect(self) -> None:
        done = {future for future in self._under_way if future.done()}
        self._under_way -= done
        for future in done:
            error = future.exception()
            if error is not None:  # its lease runs out, and it is sent again
                log.error("a delivery could not be written down", exc_info=error)

    def _deliver(self, due: Due) -> None:
        outcome = self._attempt(due)
        counts = self._database.write(
            lambda tx: deliveries.record(tx, due, outcome, self._now()),
        )
        log.info(
            "callback",
            extra={
                "delivery": due.id,
                "jobId": due.job_id,
                "attempt": due.attempt,
                "status": outcome.status,
                "verdict": outcome.verdict,
                "seconds": round(outcome.seconds, 3),
                "counts": counts,
            },
        )

    def _attempt(self, due: Due) -> Outcome:
        try:
            return self._send(
                Outgoing(
                    message_id=due.id,
                    url=due.url,
                    body=due.body.encode(),
                    secrets=due.secrets,
                    attempt=due.attempt,
                )
            )
        except ValueError as error:
            # A secret that is none, or a body too large: another attempt would meet the same.
            log.exception("a callback cannot be sent", extra={"delivery": due.id})
            return Outcome(None, str(error), 0.0, Verdict.GIVE_UP, None)
