"""Waiting for a job: long polls, `/run` and event streams ask one thread, which asks the database."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from connector.api.watching import News, Watch

log = logging.getLogger(__name__)

OUTAGE_SECONDS = 1.0
"""Between two tries to reach a database that is away."""


@dataclass(frozen=True, eq=False, slots=True)
class _Waiter:
    wanted: Callable[[News], bool]
    answer: asyncio.Future[News]
    loop: asyncio.AbstractEventLoop
    patient: bool
    """Whether it stays while the service drains: a caller of `/run` waits for work that is under way."""

    def tell(self, news: News) -> None:
        with suppress(RuntimeError):  # its loop has ended meanwhile, and nobody waits any more
            self.loop.call_soon_threadsafe(self._resolve, news)

    def _resolve(self, news: News) -> None:
        if not self.answer.done():
            self.answer.set_result(news)


class Hub:
    """Wakes whoever waits for a job. Its thread runs between `start` and `close`."""

    def __init__(self, watch: Watch) -> None:
        """Prepare; nothing runs before `start`."""
        self._watch = watch
        self._lock = threading.Lock()
        self._waiters: dict[str, set[_Waiter]] = {}
        self._fresh: set[str] = set()
        self._released = threading.Event()
        self._closed = threading.Event()
        self._heard_at = time.monotonic()
        self._away = False
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening; who still waits is told that nothing happened."""
        self._closed.set()
        self._let_go(patient=True)
        if self._thread.is_alive():
            self._thread.join()

    def release(self) -> None:
        """The service drains: let those go who only watch, and nobody watch from now on. Safe in every thread."""
        self._let_go(patient=False)

    def _let_go(self, *, patient: bool) -> None:
        self._released.set()
        self._watch.wake()
        with self._lock:
            waiters = [each for some in self._waiters.values() for each in some]
        for waiter in waiters:
            if patient or not waiter.patient:
                waiter.tell(News(event=0, status=None))

    @property
    def released(self) -> bool:
        """Whether the service drains."""
        return self._released.is_set()

    async def changed(self, job_id: str, after: int, seconds: float) -> bool:
        """Wait until a job has an event behind this number, or is gone. Return False when none came in time."""
        return await self._wait(job_id, lambda news: news.event > after, seconds)

    async def ended(self, job_id: str, seconds: float, *, patient: bool = False) -> bool:
        """Wait until a job has ended, or is gone. Return False when it has not in time.

        Args:
            job_id: of the job.
            seconds: longest wait.
            patient: whether to go on waiting while the service drains.
        """
        return await self._wait(job_id, lambda news: news.ended, seconds, patient=patient)

    async def _wait(
        self,
        job_id: str,
        wanted: Callable[[News], bool],
        seconds: float,
        *,
        patient: bool = False,
    ) -> bool:
        gone = self._closed if patient else self._released
        if gone.is_set():
            return False
        loop = asyncio.get_running_loop()
        waiter = _Waiter(
            lambda news: news.status is None or wanted(news), loop.create_future(), loop, patient
        )
        with self._lock:
            self._waiters.setdefault(job_id, set()).add(waiter)
            self._fresh.add(job_id)
            self._heard_at = time.monotonic()
        self._watch.wake()
        try:
            async with asyncio.timeout(seconds):
                await waiter.answer
        except TimeoutError:
            return False
        finally:
            self._forget(job_id, waiter)
        return not gone.is_set()

    def _forget(self, job_id: str, waiter: _Waiter) -> None:
        with self._lock:
            rest = self._waiters[job_id]
            rest.discard(waiter)
            if not rest:
                del self._waiters[job_id]

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._turn()
            except (psycopg.Error, sqlite3.Error, OSError, ValueError) as error:
                if not self._away:
                    log.warning("the database cannot be listened to", extra={"detail": repr(error)})
                self._away = True
                with suppress(Exception):  # it is broken: whatever closing says, a new one is made
                    self._watch.close()
                self._closed.wait(OUTAGE_SECONDS)
                continue
            if self._away:
                log.info("the database is listened to again")
                self._away = False
                self._tell(None)
        self._watch.close()  # here: the connection belongs to this thread

    def _turn(self) -> None:
        with self._lock:
            silence = time.monotonic() - self._heard_at if self._waiters else None
        self._tell(self._watch.wait(silence))

    def _tell(self, told: Mapping[str, News] | None) -> None:
        """Tell of the jobs that changed (None: any may have), and of those waited for since a moment ago."""
        with self._lock:
            fresh, self._fresh = self._fresh, set()
            ask = self._waiters.keys() & (self._waiters if told is None else fresh)
            heard = {id_: news for id_, news in (told or {}).items() if id_ in self._waiters}
        try:
            found = self._watch.news(ask) if ask else {}
        except Exception:
            with self._lock:
                self._fresh |= ask | heard.keys()  # asked again when the database is back
            raise
        for job_id, news in {**heard, **found}.items():
            with self._lock:
                ready = [w for w in self._waiters.get(job_id, ()) if w.wanted(news)]
                if ready:
                    self._heard_at = time.monotonic()
            for waiter in ready:
                waiter.tell(news)
