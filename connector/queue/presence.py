"""A worker's row: that it lives, whether it is ready, what it counted."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from connector.jobs.database import Database
from connector.jobs.tables import workers
from connector.queue.figures import Counters

EVERY_SECONDS = 2.0
"""Between two writes; health misses a worker after 15 s."""


class Presence:
    """Keeps one worker's row."""

    def __init__(
        self,
        database: Database,
        worker_id: str,
        queues: Sequence[str],
        counters: Counters,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._worker_id, self._queues = database, worker_id, tuple(queues)
        self._counters, self._now = counters, now
        self._started_at = now()
        self._written_at = 0.0
        self._ready = False
        self._faults: tuple[str, ...] = ()

    def beat(self) -> None:
        """Write the row, if the last time is a while ago; called every second.

        Raises:
            DatabaseUnavailable: it could not be written; the next beat tries again.
        """
        if self._now() - self._written_at >= EVERY_SECONDS - 0.5:
            self._write()

    def ready(self, faults: Sequence[str] = ()) -> None:
        """Say that the worker takes items from now on, and which models it could not load."""
        self._ready, self._faults = True, tuple(faults)
        self._write()

    def leave(self) -> None:
        """Say that it takes none any more; its figures are kept for a while."""
        self._ready = False
        self._write()

    def _write(self) -> None:
        now = self._now()
        self._database.write(lambda tx: self._upsert(tx, now), relaxed=True)
        self._written_at = now

    def _upsert(self, tx: Connection, now: float) -> None:
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        changing = {
            "seen_at": now,
            "ready": self._ready,
            "faults": list(self._faults),
            "metrics": self._counters.figures().to_json(),
        }
        row = insert(workers).values(
            id=self._worker_id,
            queues=list(self._queues),
            started_at=self._started_at,
            **changing,
        )
        tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=changing))
