"""A worker process: claims items and works on them until it is told to end.

Three threads: the main one waits for the end, so that a signal is heard in the middle of native code; the
`Server` works; the `Listener` hears the broker. A second signal ends the process at once, and the item's
lease brings it back.
"""

import logging
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from connector import logs, tracing
from connector.jobs import migrate
from connector.jobs.database import Database
from connector.jobs.errors import DatabaseUnavailable
from connector.queue import task
from connector.queue.celery_app import make_app
from connector.queue.doorbell import CeleryDoorbell
from connector.queue.figures import Counters
from connector.queue.listener import Listener
from connector.queue.presence import Presence
from connector.queue.server import Server
from connector.queue.warm import warm
from connector.settings import Settings
from connector.storage.store import FileStore
from connector.work.attempt import Workplace
from connector.work.fetching import fetcher, policy_of
from steps.registry import Registry

log = logging.getLogger(__name__)

READY = "a worker process is ready"
LISTENER_SECONDS = 1.0
"""For Celery's own clean end; what it does not acknowledge comes to another worker."""
KILLED = 137
"""Exit code after a second signal, as after SIGKILL."""


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """What differs between the workers of one installation."""

    name: str
    """Of its row and its attempts; unique among all that live."""
    queues: tuple[str, ...]
    """Taken from, the first one first."""
    is_child: bool = False
    """Whether a supervisor started it: then a terminal's Ctrl-C is the supervisor's to act upon."""


def unique_name() -> str:
    """Return a name for a worker: the machine, and what no other process has."""
    return f"{socket.gethostname()[:64]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def run(
    settings: Settings,
    catalogue: Callable[[], Registry],
    options: WorkerOptions,
    ended: threading.Event | None = None,
) -> None:
    """Work until SIGTERM or SIGINT, or until `ended` is set; then hand the item at hand back.

    Raises:
        ValueError: a setting cannot be understood.
        StorageError: the folder of files cannot be made.
        DatabaseUnavailable, SchemaOutdated: the database is not there, or of another version.
    """
    logs.configure(settings.log_level)
    tracing.start(settings.otlp_endpoint, "retusche-worker")
    ended = ended or threading.Event()
    _hear_signals(ended, ignore_interrupt=options.is_child)
    worker = _Worker(settings, catalogue, options)
    worker.start(ended)
    ended.wait()
    worker.close(settings.shutdown_seconds)
    tracing.stop()


def _hear_signals(ended: threading.Event, *, ignore_interrupt: bool) -> None:
    def end(number: int, _: object) -> None:
        if ended.is_set():
            os._exit(KILLED)
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN if ignore_interrupt else end)


class _Worker:
    def __init__(
        self, settings: Settings, catalogue: Callable[[], Registry], options: WorkerOptions
    ) -> None:
        self._settings, self._options = settings, options
        environment = settings.environment()
        self._database = Database(settings.database)
        migrate.check(self._database)
        counters = Counters()
        self._presence = Presence(self._database, options.name, options.queues, counters)
        self._place = Workplace(
            database=self._database,
            files=FileStore.open(settings.files),
            registry=catalogue(),
            environment=environment,
            rules=settings.rules(),
            worker_id=options.name,
            queues=options.queues,
            affinity_seconds=settings.affinity_seconds,
            fetch=fetcher(policy_of(settings, environment.limits)),
            reuse_results=settings.reuse_results,
            note=counters.note,
            idle=self._presence.beat,
        )
        self._doorbell = CeleryDoorbell(settings)
        self._server = Server(self._place.serve_one)
        app = make_app(settings)
        task.register(app, self._server.answer, self._doorbell)
        self._listener = Listener(app, options.queues, options.name)

    def start(self, ended: threading.Event) -> None:
        place = self._place
        place.heart.start()
        faults = warm(place.registry, place.environment) if self._settings.warm else ()
        if ended.is_set():  # told to end while the models were loaded
            return
        self._presence.ready(faults)
        self._server.start()
        self._listener.start()
        log.info(READY, extra={"pid": os.getpid(), "worker": self._options.name})

    def close(self, seconds: float) -> None:
        self._place.end()
        self._server.end()
        if not self._server.join(seconds):
            log.warning("the item at hand did not stop in time; its lease brings it back")
        self._place.heart.close()
        try:
            self._place.close()
            self._presence.leave()
        except DatabaseUnavailable:
            log.warning("the database is away; the worker's row shows it as lost, not as gone")
        self._listener.close(LISTENER_SECONDS)
        self._doorbell.close()
        self._database.close()
        log.info("a worker process ended", extra={"pid": os.getpid()})
