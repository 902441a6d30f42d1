"""The processes of one machine: N workers and a keeper, started, watched, started again, ended.

They are spawned, never forked: CUDA does not survive a fork, nor do the threads of the model runtimes. When
a worker dies its items are given back at once, since nobody can hold a dead process's lease.
"""

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from sqlalchemy import Connection, update
from sqlalchemy.exc import SQLAlchemyError

from connector.jobs.database import Database
from connector.jobs.errors import DatabaseUnavailable
from connector.jobs.states import Status
from connector.jobs.tables import items
from connector.queue import child
from connector.queue.worker import WorkerOptions, unique_name
from connector.settings import Settings
from steps.registry import Registry

log = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0
"""Seconds between two starts of a process that dies at its start: quick to recover, no busy loop."""
SOUND_SECONDS = 30.0
"""A process that lived so long is started again at once."""
MARGIN_SECONDS = 5.0
"""Beyond the grace of the item at hand, for a child's own end."""

_SPAWN = multiprocessing.get_context("spawn")


@dataclass(kw_only=True)
class _Place:
    """One process that is to be there, whichever it is at the moment."""

    kind: str
    start: Callable[[str], SpawnProcess]
    process: SpawnProcess | None = None
    name: str = ""
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = 0.0

    def died(self, now: float) -> float:
        """Take note of the end; return the seconds until the next start."""
        wait_for = 0.0 if now - self.started_at >= SOUND_SECONDS else self.pause
        self.pause = min(max(1.0, 2 * wait_for), LONGEST_PAUSE)
        self.process = None
        self.start_at = now + wait_for
        return wait_for


class Supervisor:
    """Keeps the processes alive, from a thread of its own."""

    def __init__(self, settings: Settings, catalogue: Callable[[], Registry]) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            settings: how many workers, for which queues, and the rest.
            catalogue: a module-level function; the workers import it by its name.
        """
        self._settings, self._catalogue = settings, catalogue
        self._places = [
            *(_Place(kind="worker", start=self._worker) for _ in range(settings.workers)),
            _Place(kind="keeper", start=self._keeper),
        ]
        self._ended = threading.Event()
        self._wake, self._wakened = _SPAWN.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._watch, name="supervisor")

    def start(self) -> None:
        """Start the processes; returns before they are ready."""
        self._thread.start()

    @property
    def alive(self) -> int:
        """How many of its processes live."""
        return sum(place.process is not None for place in self._places)

    def close(self) -> None:
        """End the processes: SIGTERM, the grace of the item at hand, SIGKILL; return when all are gone.

        A second call does nothing.
        """
        if self._ended.is_set():
            return
        self._ended.set()
        self._wakened.send_bytes(b"")
        if self._thread.ident is not None:
            self._thread.join()
        self._wake.close()
        self._wakened.close()

    def _watch(self) -> None:
        while not self._ended.is_set():
            now = time.monotonic()
            for place in self._places:
                if place.process is None and place.start_at <= now:
                    self._begin(place, now)
            living = {p.process.sentinel: p for p in self._places if p.process is not None}
            due = [p.start_at - now for p in self._places if p.process is None]
            for event in wait([self._wake, *living], min(due, default=None)):
                if isinstance(event, int):
                    self._mourn(living[event])
        self._end_all()

    def _begin(self, place: _Place, now: float) -> None:
        place.name = unique_name()
        place.started_at = now
        try:
            place.process = place.start(place.name)
        except OSError:
            seconds = place.died(now)
            log.exception("a process cannot be started", extra={"again_in_seconds": seconds})

    def _mourn(self, place: _Place) -> None:
        if place.process is None:
            return
        place.process.join()
        pid, code = place.process.pid, place.process.exitcode
        seconds = place.died(time.monotonic())
        # 0: somebody sent SIGTERM to all of the service's processes, or to this one.
        log.log(
            logging.INFO if code == 0 else logging.WARNING,
            "a %s process %s",
            place.kind,
            "ended" if code == 0 else "died",
            extra={"pid": pid, "exit_code": code, "again_in_seconds": seconds},
        )
        if place.kind == "worker":
            self._release(place.name)

    def _end_all(self) -> None:
        running = [place for place in self._places if place.process is not None]
        for place in running:
            if place.process is not None:
                place.process.terminate()
        deadline = time.monotonic() + self._settings.shutdown_seconds + MARGIN_SECONDS
        for place in running:
            process = place.process
            if process is None:
                continue
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                log.warning("killing a process that did not end", extra={"pid": process.pid})
                process.kill()
                process.join()
                self._release(place.name)
            process.close()
            place.process = None

    def _release(self, worker_id: str) -> None:
        """Let the leases of a dead worker end now; the keeper brings its items back."""
        database = Database(self._settings.database, connections=1)
        try:
            database.write(lambda tx: _lapse(tx, worker_id))
        except (DatabaseUnavailable, SQLAlchemyError):
            log.warning("the leases of a dead worker run out by themselves", exc_info=True)
        finally:
            database.close()

    def _worker(self, name: str) -> SpawnProcess:
        options = WorkerOptions(name=name, queues=self._settings.worker_queues, is_child=True)
        return _started(child.work, self._settings, self._catalogue, options)

    def _keeper(self, name: str) -> SpawnProcess:
        return _started(child.keep, self._settings)


def _lapse(tx: Connection, worker_id: str) -> None:
    tx.execute(
        update(items)
        .where(items.c.status == Status.RUNNING, items.c.worker_id == worker_id)
        .values(lease_until=0.0)
    )


def _started(target: Callable[..., None], *arguments: object) -> SpawnProcess:
    process = _SPAWN.Process(target=target, args=arguments, name=f"retusche-{target.__name__}")
    process.start()
    return process
