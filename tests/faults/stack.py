"""Whole installations of real processes on free loopback ports, for tests that break them."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from connector.jobs.database import Database
from connector.jobs.migrate import upgrade
from connector.storage.store import FileStore
from tests.connector.postgresql import fresh_database
from tests.faults import brokers
from tests.faults.brokers import Broker
from tests.faults.member import Member
from tests.faults.proxy import Proxy

Kind = Literal["embedded", "redis", "rabbitmq"]

API_READY = "Application startup complete."
"""Of uvicorn, when the app has begun; it listens some moments before."""
WORKER_READY = "a worker process is ready"
KEEPER_READY = "a keeper is ready"
LEASE_SECONDS = 2
"""The least that the settings take: a killed worker's item is begun again soon."""


@dataclass
class Stack:
    """An installation that runs."""

    api: Member
    workers: list[Member]
    keepers: list[Member]
    database: Database
    """Our own view of it, past the proxy."""
    files: FileStore
    port: int
    broker: Broker | None = None
    """None: doorbells through a folder, which nobody can stop."""
    database_proxy: Proxy | None = None
    """None: SQLite, which has no connections that could be cut."""
    others: list[Member] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def members(self) -> list[Member]:
        """Every process of it that we have started."""
        return [self.api, *self.workers, *self.keepers]

    def worker(self, worker_id: str) -> Member:
        """Return the worker that has this id at the moment.

        Raises:
            LookupError: none has.
        """
        for each in self.workers:
            if each.life == worker_id:
                return each
        raise LookupError(f"no worker is {worker_id} any more")


@contextmanager
def stack(
    kind: Kind,
    folder: Path,
    *,
    workers: int,
    files: Path | None = None,
    with_api: bool = True,
    **settings: object,
) -> Iterator[Stack]:
    """Run an installation; what it logs is in `folder`.

    Args:
        kind: embedded: one service with its workers, SQLite, a folder; else the broker, beside PostgreSQL.
        folder: an empty one.
        workers: processes that take items.
        files: where the files go; None: into `folder`.
        with_api: False: workers and keeper alone.
        settings: further ones, by name.
    """
    data = folder / "data"
    port = brokers.free_port()
    environment = {
        "data_dir": data,
        "port": port,
        "files_url": files or data / "files",
        "lease_seconds": LEASE_SECONDS,
        "shutdown_seconds": 10,
        "warm": 0,
        "workers": workers if kind == "embedded" else 0,
        **settings,
    }
    with ExitStack() as cleanup:
        broker: Broker | None = None
        proxy: Proxy | None = None
        if kind == "embedded":
            direct = f"sqlite:///{data / 'retusche.db'}"
        else:
            direct = cleanup.enter_context(fresh_database(f"faults_{kind}"))
            proxy, proxied = _behind_proxy(direct, cleanup)
            is_redis = kind == "redis"
            broker = cleanup.enter_context(
                brokers.redis(folder) if is_redis else brokers.rabbitmq()
            )
            environment |= {
                "database_url": proxied,
                "broker_url": broker.url,
                "queues": json.dumps(dict.fromkeys(("stamp", "poison"), broker.queue)),
                "worker_queues": json.dumps([broker.queue]),
            }
        database = Database(direct, connections=4)
        cleanup.callback(database.close)
        upgrade(database)
        variables = {f"RETUSCHE_{name.upper()}": str(value) for name, value in environment.items()}
        made = Stack(
            api=Member("api", "api", API_READY, variables, folder),
            workers=[],
            keepers=[],
            database=database,
            files=FileStore.open(str(environment["files_url"])),
            port=port,
            broker=broker,
            database_proxy=proxy,
        )
        if kind != "embedded":
            made.workers = [
                Member("worker", f"worker{number}", WORKER_READY, variables, folder)
                for number in range(workers)
            ]
            made.keepers = [Member("keeper", "keeper", KEEPER_READY, variables, folder)]
        started = made.members if with_api else [*made.workers, *made.keepers]
        cleanup.callback(_end, started)
        for each in started:
            each.start()
        for each in started:
            each.wait_ready()
        yield made


def _behind_proxy(url: str, cleanup: ExitStack) -> tuple[Proxy, str]:
    parts = urlsplit(url)
    proxy = cleanup.enter_context(Proxy(parts.hostname or "127.0.0.1", parts.port or 5432))
    account = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return proxy, urlunsplit(parts._replace(netloc=f"{account}127.0.0.1:{proxy.port}"))


def _end(members: list[Member]) -> None:
    for each in members:
        each.terminate()
