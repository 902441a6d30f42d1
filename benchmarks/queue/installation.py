"""An installation as it is run: embedded, or distributed over PostgreSQL, Redis and an S3-compatible store."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.queue.environments import FOLDER
from benchmarks.queue.processes import children, peak_mb, processor_seconds, running
from benchmarks.queue.services import free_port, postgresql, redis_database, s3_store
from connector.jobs import migrate
from connector.jobs.database import Database
from connector.queue.worker import READY

API_READY = "Application startup complete"
EMBEDDED, DISTRIBUTED = "embedded", "distributed"
WORKERS = {EMBEDDED: 1, DISTRIBUTED: 2}
"""As DESIGN.md sees them on two cores."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Processes that run, and what they have used."""

    kind: str
    port: int
    api: int
    """Process id; in the embedded form its children are worker and keeper."""
    workers: tuple[int, ...]
    store: int | None
    database: str
    folder: Path

    def seconds(self) -> dict[str, float]:
        """Return the processor time used so far by role: api, workers (and keeper), database, store."""
        beside = children(self.api)
        return {
            "api": processor_seconds([self.api]),
            "workers": processor_seconds([*self.workers, *beside]),
            "database": processor_seconds(self._backends()),
            "store": processor_seconds([self.store] if self.store else []),
        }

    def api_peak_mb(self) -> float:
        """Return the highest resident memory of the API's process so far, MB."""
        return peak_mb(self.api)

    def database_mb(self) -> float:
        """Return the size of the database, MB."""
        if self.kind == EMBEDDED:
            files = self.folder.glob("data/retusche.db*")
            return sum(file.stat().st_size for file in files) / 1e6
        with psycopg.connect(self.database.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            return float(row[0]) / 1e6 if row else 0.0

    def _backends(self) -> list[int]:
        """Return the database's own processes that serve this installation, if they run on this machine."""
        if self.kind == EMBEDDED:
            return []
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        with psycopg.connect(self.database.replace("+psycopg", "")) as connection:
            found = connection.execute(f"{query} AND pid <> pg_backend_pid()").fetchall()
        return [int(row[0]) for row in found]


@dataclass(kw_only=True)
class _Plan:
    """What the processes are told."""

    stack: ExitStack
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    store: int | None = None


@contextmanager
def installed(kind: str) -> Iterator[Installation]:
    """Start an installation with empty tables and folders; end it, whatever happens. Its logs stay.

    Raises:
        NotStarted: a process did not start.
        OSError, psycopg.Error, redis.RedisError: a service that it stands on is not there.
    """
    folder = FOLDER / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = free_port()
    with ExitStack() as stack:
        plan = _Plan(stack=stack, folder=folder)
        plan.environment = {
            "RETUSCHE_PORT": str(port),
            "RETUSCHE_DATA_DIR": str(folder / "data"),
            "RETUSCHE_WORKERS": str(WORKERS[kind] if kind == EMBEDDED else 0),
        }
        if kind == DISTRIBUTED:
            _stand_on(plan)
        own = [READY] if kind == EMBEDDED else []
        api = _start(plan, "api", "api", [API_READY, *own])
        beside = range(WORKERS[kind] if kind == DISTRIBUTED else 0)
        workers = tuple(_start(plan, f"worker-{each}", "worker", [READY]) for each in beside)
        yield Installation(
            kind=kind,
            port=port,
            api=api,
            workers=workers,
            store=plan.store,
            database=plan.environment.get("RETUSCHE_DATABASE_URL", ""),
            folder=folder,
        )
    shutil.rmtree(folder / "data", ignore_errors=True)
    shutil.rmtree(folder / "store", ignore_errors=True)


def _stand_on(plan: _Plan) -> None:
    url = plan.stack.enter_context(postgresql())
    database = Database(url, connections=1)
    try:
        migrate.upgrade(database)
    finally:
        database.close()
    store = plan.stack.enter_context(s3_store(plan.folder))
    plan.store = store.pid
    plan.environment |= store.environment | {
        "RETUSCHE_DATABASE_URL": url,
        "RETUSCHE_BROKER_URL": plan.stack.enter_context(redis_database()),
        "RETUSCHE_FILES_URL": store.url,
    }


def _start(plan: _Plan, name: str, role: str, ready: Sequence[str]) -> int:
    command = (sys.executable, "-m", "benchmarks.queue.member", role)
    log = plan.folder / f"{name}.log"
    return plan.stack.enter_context(
        running(command, log, ready=ready, environment=plan.environment)
    )
