"""The database: PostgreSQL, or SQLite in WAL mode where one machine is enough."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from connector.jobs.errors import DatabaseUnavailable

T = TypeVar("T")

BUSY_SECONDS = 30
"""How long SQLite waits for another process's write to end."""
TRIES = 6
"""How often a transaction is begun before the database counts as unavailable."""
FIRST_PAUSE = 0.05
"""Seconds before the second try; doubled before each further one, with jitter: about 3 s in all."""
RELAXED = "-c synchronous_commit=off"
"""Option of a PostgreSQL connection whose commits do not wait for the disk."""
_TRANSIENT = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300"}
"""PostgreSQL: serialization, deadlock, lock not available, shut down, crashed, starting, too many clients."""


class Database:
    """Transactions, begun again when the database asks for it.

    A function given to `write` may run more than once, also when the connection broke while the
    commit was under way. Every verb of this room therefore finds its own earlier work and is content.
    """

    def __init__(
        self, url: str, *, connections: int = 8, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Prepare; connects at the first use.

        Args:
            url: "sqlite:////absolute/path.db" or "postgresql+psycopg://user:password@host/name".
            connections: most connections at a time, of each of three kinds.
            sleep: waits between two tries, seconds.

        Raises:
            ValueError: a database of another kind.
        """
        self.url, self._sleep = url, sleep
        self.is_sqlite = url.startswith("sqlite")
        if not (self.is_sqlite or url.startswith("postgresql+psycopg:")):
            raise ValueError(
                "the database's URL must begin with sqlite:/// or postgresql+psycopg://"
            )
        if self.is_sqlite:
            self.engine = self._relaxed = self._single = self._sqlite(url, connections)
            return
        # Connections of their own for each way to commit: to change one's way would cost a round trip.
        self.engine = _postgresql(url, connections)
        self._relaxed = _postgresql(url, connections, RELAXED)
        self._single = _postgresql(url, connections, RELAXED, isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction for reading; SQLite's readers wait for no writer.

        Raises:
            DatabaseUnavailable: it cannot be reached.
        """
        try:
            with self._single.connect() as connection:
                yield connection
        except DBAPIError as error:
            if not _is_transient(error):
                raise
            raise DatabaseUnavailable("the database cannot be reached") from error

    def read(self, function: Callable[[Connection], T]) -> T:
        """Run a function that only reads, again if the connection was lost.

        In PostgreSQL each of its statements sees what is committed at that moment.

        Raises:
            DatabaseUnavailable: it cannot be reached.
        """
        return self._again_and_again(function, self._single, writes=False)

    def write(self, function: Callable[[Connection], T], *, relaxed: bool = False) -> T:
        """Run a function in a transaction and commit.

        Args:
            function: takes the transaction.
            relaxed: do not wait for the disk. A later commit that waits saves this one too, so the order is
                kept, and a power cut before it costs a repetition, no promise.

        Raises:
            DatabaseUnavailable: it cannot be reached; whether a commit under way was kept is unknown.
        """
        engine = self._relaxed if relaxed else self.engine
        return self._again_and_again(function, engine, writes=True, relaxed=relaxed)

    def write_singly(self, function: Callable[[Connection], T]) -> T:
        """Run a function whose statements stand for themselves; they do not wait for the disk, as `relaxed`.

        PostgreSQL commits each of them by itself, which saves two round trips.

        Raises:
            DatabaseUnavailable: it cannot be reached; which of them were kept is unknown.
        """
        return self._again_and_again(function, self._single, writes=True, relaxed=True)

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self._relaxed.dispose()
        self._single.dispose()

    def _again_and_again(
        self,
        function: Callable[[Connection], T],
        engine: Engine,
        *,
        writes: bool,
        relaxed: bool = False,
    ) -> T:
        options = {"writes": writes, "relaxed": relaxed}
        for attempt in range(TRIES):
            try:
                with engine.connect().execution_options(**options) as connection:
                    result = function(connection)
                    connection.commit()
                    return result
            except DBAPIError as error:
                if not _is_transient(error):
                    raise
                if attempt == TRIES - 1:
                    raise DatabaseUnavailable("the database cannot be reached") from error
            self._sleep(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        raise AssertionError("unreachable")

    def _sqlite(self, url: str, connections: int) -> Engine:
        path = url.removeprefix("sqlite:///")
        if not url.startswith("sqlite:////") or path == ":memory:":
            raise ValueError(
                "SQLite needs the absolute path of a file (sqlite:////folder/file.db), "
                "so that several processes can share it"
            )
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine


def _postgresql(
    url: str,
    connections: int,
    options: str = "",
    isolation_level: Literal["READ COMMITTED", "AUTOCOMMIT"] = "READ COMMITTED",
) -> Engine:
    return create_engine(
        url,
        isolation_level=isolation_level,
        pool_size=connections,
        max_overflow=0,
        # A dead pooled connection shows at its first statement, and `_again_and_again` takes the next.
        pool_pre_ping=False,
        connect_args={"connect_timeout": 5, "options": options},
    )


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a job that was acknowledged survives a power cut
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A write begun as a read could fail in its middle when another writer was first.
    options = connection.get_execution_options()
    if options.get("writes", False):
        level = "NORMAL" if options.get("relaxed", False) else "FULL"
        connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")


def _is_transient(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _TRANSIENT or state.startswith("08")
    text = str(error.orig)
    return isinstance(error, OperationalError) and (
        "database is locked" in text
        or not error.orig.__class__.__module__.startswith(
            "sqlite3"
        )  # psycopg: no connection at all
    )
