"""A worker inside the test's own process: rung like a broker's, no process, no sleep."""

import queue
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from connector.app import create_app
from connector.jobs.database import Database
from connector.jobs.migrate import upgrade
from connector.jobs.model import ClaimedPart
from connector.jobs.waiting import Bell
from connector.queue.figures import Counters
from connector.queue.presence import Presence
from connector.settings import Settings
from connector.storage.store import FileStore
from connector.work.attempt import Workplace
from connector.work.heart import Heart
from steps.registry import Registry
from tests.connector import sample_steps

WORKER = "workshop"


class Workshop:
    """A database, files, and a worker that works when it is rung, or when it is told to."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Callable[[], Registry] = sample_steps.registry,
        *,
        rings: bool = True,
    ) -> None:
        """Prepare; `rings`: whether a ring makes it work, from a thread of its own."""
        self.settings = settings
        self.database = Database(settings.database)
        upgrade(self.database)
        self.files = FileStore.open(settings.files)
        self.sources: dict[str, bytes] = {}
        """What lies behind URLs."""
        self.rung: list[Bell] = []
        self._counters = counters = Counters()
        self.presence = Presence(self.database, WORKER, ("cpu",), counters)
        self.place = Workplace(
            database=self.database,
            files=self.files,
            registry=catalogue(),
            environment=settings.environment(),
            rules=settings.rules(),
            worker_id=WORKER,
            queues=("cpu",),
            fetch=self._fetch,
            note=counters.note,
        )
        self.place.heart = Heart(self.place._renew, self.place.idle, beat_seconds=0.01)
        self.place.heart.start()
        self._rings = rings
        self._bells: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ring(self, bells: Sequence[Bell]) -> None:
        """Be the doorbell of the app."""
        self.rung += bells
        if self._rings and bells:
            self._bells.put(True)

    def work(self) -> int:
        """Work off what waits, here and now; return how many attempts that were."""
        before = self._attempts()
        while self.place.serve_one():
            pass
        self.presence.ready()
        return self._attempts() - before

    def _attempts(self) -> int:
        return sum(self._counters.figures().attempts.values())

    def begin(self) -> None:
        """Work off what waits, in the thread."""
        self._bells.put(True)

    def close(self) -> None:
        """End; what is at hand is handed back."""
        self.place.end()
        self._bells.put(False)
        self._thread.join()
        self.place.heart.close()
        self.database.close()

    def _run(self) -> None:
        while self._bells.get():
            self.work()

    def _fetch(self, part: ClaimedPart, _: Callable[[], bool]) -> bytes:
        return self.sources[part.url or ""]


@asynccontextmanager
async def open_service(
    settings: Settings,
    catalogue: Callable[[], Registry] = sample_steps.registry,
    *,
    workshop: Workshop | None = None,
    ready: bool = True,
) -> AsyncIterator[httpx.AsyncClient]:
    """Open an app with a worker in this process; `ready`: whether the worker has said so."""
    own = workshop or Workshop(settings, catalogue)
    if ready:
        own.presence.ready()
    app = create_app(settings, catalogue, doorbell=own)
    transport = httpx.ASGITransport(app)
    try:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as http,
        ):
            yield http
    finally:
        if workshop is None:
            own.close()


def settings_in(folder: Path, **more: Any) -> Settings:
    """Return settings of a service whose data lie in a folder."""
    return Settings(data_dir=folder, warm=False, **more)
