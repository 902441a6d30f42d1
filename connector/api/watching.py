"""How the service hears that something happened to a job: each kind of database in its own way."""

import os
import select
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from connector.jobs.changes import NOTIFY_CHANNEL
from connector.jobs.states import TERMINAL, Status

QUICK_SECONDS = 0.003
"""Between two looks at SQLite while something happened a moment ago: less than anybody notices."""
SLOW_SECONDS = 0.25
"""Between two looks while nothing happens."""
SHARE = 0.05
"""Between two looks at most this share of the silence so far: what took 2 s is heard of 0.1 s later."""
POLL_SECONDS = 1.0
"""Between two looks at PostgreSQL, which tells by itself: only for what was told while nobody listened."""


@dataclass(frozen=True, slots=True)
class News:
    """Where a job stands."""

    event: int
    """Number of its last event."""
    status: Status | None
    """None: there is no such job (any more)."""

    @property
    def ended(self) -> bool:
        """Whether waiting longer makes no sense."""
        return self.status is None or self.status in TERMINAL


_AFTER = {f"job.{status.lower()}": status for status in TERMINAL}
"""Where a job stands after an event; after any other it goes on."""


class Watch(Protocol):
    """A view of the database of its own. All but `wake` are called from one thread."""

    def wait(self, silence: float | None) -> Mapping[str, News] | None:
        """Wait until something may have happened, or it is time to look.

        Args:
            silence: seconds since anything happened to a job that is waited for; None: nobody waits.

        Returns:
            Where the jobs stand that changed, by id; None: any may have changed.
        """

    def news(self, job_ids: Iterable[str]) -> dict[str, News]:
        """Return where jobs stand."""

    def wake(self) -> None:
        """End a `wait` early. Safe in every thread."""

    def close(self) -> None:
        """Give everything back."""


class SqliteWatch:
    """Looks whether the database's version changed, which costs microseconds."""

    def __init__(self, path: str) -> None:
        """Prepare; connects at the first look."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version = -1
        self._woken = threading.Event()

    def wait(self, silence: float | None) -> Mapping[str, News] | None:
        """Wait for a new version; see `Watch`."""
        pause = None
        if silence is not None:
            pause = min(SLOW_SECONDS, max(QUICK_SECONDS, silence * SHARE))
        self._woken.wait(pause)
        self._woken.clear()
        version = self._connected().execute("PRAGMA data_version").fetchone()[0]
        changed = version != self._version
        self._version = version
        return None if changed else {}

    def news(self, job_ids: Iterable[str]) -> dict[str, News]:
        """Return where jobs stand."""
        look = "SELECT (SELECT max(id) FROM events WHERE job_id = j.id), status FROM jobs j WHERE id = ?"
        connection = self._connected()
        return {id_: _news(connection.execute(look, (id_,)).fetchone()) for id_ in job_ids}

    def wake(self) -> None:
        """End a `wait` early."""
        self._woken.set()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection


class PostgresWatch:
    """Listens, on a connection of its own; looks by itself now and then, in case something was missed."""

    def __init__(self, url: str) -> None:
        """Prepare; connects at the first look. The URL may name SQLAlchemy's driver."""
        self._url = url.replace("postgresql+psycopg:", "postgresql:", 1)
        self._connection: psycopg.Connection | None = None
        self._ear, self._bell = os.pipe()
        os.set_blocking(self._bell, False)

    def wait(self, silence: float | None) -> Mapping[str, News] | None:
        """Wait for a notification; see `Watch`."""
        connection = self._connected()
        told = self._told(connection)  # what came while it was asked for news
        if told:
            return told
        began = time.monotonic()
        ready, _, _ = select.select([connection.fileno(), self._ear], [], [], POLL_SECONDS)
        if self._ear in ready:
            os.read(self._ear, 4096)
        if connection.fileno() in ready:
            return self._told(connection)
        return None if silence is not None and time.monotonic() - began >= POLL_SECONDS else {}

    def news(self, job_ids: Iterable[str]) -> dict[str, News]:
        """Return where jobs stand."""
        connection = self._connected()
        rows = connection.execute(
            "SELECT id, (SELECT max(id) FROM events WHERE job_id = j.id), status "
            "FROM jobs j WHERE id = ANY(%s)",
            (list(job_ids),),
        ).fetchall()
        found = {id_: _news(row) for id_, *row in rows}
        return {id_: found.get(id_) or _news(None) for id_ in job_ids}

    def wake(self) -> None:
        """End a `wait` early."""
        with suppress(BlockingIOError):  # the pipe is full of bells already
            os.write(self._bell, b"!")

    def close(self) -> None:
        """Close the connection; the next look makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        os.close(self._ear)
        os.close(self._bell)

    def _connected(self) -> psycopg.Connection:
        if self._connection is None:
            connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
            connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
            self._connection = connection
        return self._connection

    @staticmethod
    def _told(connection: psycopg.Connection) -> dict[str, News]:
        told = {}
        for each in connection.notifies(timeout=0):
            job_id, number, kind = each.payload.split(" ")
            told[job_id] = News(event=int(number), status=_AFTER.get(kind, Status.RUNNING))
        return told


def watch_of(database_url: str) -> Watch:
    """Return the watch of a database."""
    if database_url.startswith("sqlite:///"):
        return SqliteWatch(database_url.removeprefix("sqlite:///"))
    return PostgresWatch(database_url)


def _news(row: Sequence[Any] | None) -> News:
    if row is None:
        return News(event=0, status=None)
    return News(event=row[0] or 0, status=Status(row[1]))
