"""What a distributed installation stands on: a database of its own, a Redis number of its own, a store."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from redis import Redis

from benchmarks.queue.environments import programs
from benchmarks.queue.processes import running

POSTGRESQL = os.environ.get(
    "RETUSCHE_BENCH_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
"""An account that may create databases."""
REDIS = os.environ.get("RETUSCHE_BENCH_REDIS", "redis://127.0.0.1:6379")
BUCKET = "retusche"
KEYS = ("retuschekey", "retuschesecret")
"""Of the store, which serves this benchmark alone."""


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the SQLAlchemy URL of an empty database, which is dropped afterwards."""
    name = sql.Identifier(f"retusche_bench_{os.getpid()}")
    with psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            server = POSTGRESQL.replace("postgresql:", "postgresql+psycopg:").rpartition("/")[0]
            yield f"{server}/retusche_bench_{os.getpid()}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@contextmanager
def redis_database() -> Iterator[str]:
    """Give the URL of an empty Redis database, which is emptied afterwards.

    Raises:
        RuntimeError: each of the 15 that are looked at holds something.
    """
    for number in range(15, 0, -1):
        with Redis.from_url(f"{REDIS}/{number}") as redis:
            if redis.dbsize():
                continue
            try:
                yield f"{REDIS}/{number}"
            finally:
                redis.flushdb()
            return
    raise RuntimeError(f"no database of {REDIS} is empty; accepted: any number from 1 to 15")


@dataclass(frozen=True, kw_only=True)
class Store:
    """An S3-compatible store on this machine."""

    pid: int
    url: str
    """As RETUSCHE_FILES_URL takes it."""
    environment: dict[str, str]
    """Endpoint and keys, as AWS's own variables."""


@contextmanager
def s3_store(folder: Path) -> Iterator[Store]:
    """Serve a folder as a bucket (rclone serve s3)."""
    (folder / "store" / BUCKET).mkdir(parents=True)
    port = free_port()
    command = (
        programs("store") / "rclone",
        *("serve", "s3", folder / "store"),
        *("--addr", f"127.0.0.1:{port}"),
        *("--auth-key", ",".join(KEYS)),
        *("--vfs-cache-mode", "off"),
        *("--config", os.devnull),
    )
    with running(command, folder / "store.log", ready=["Starting s3 server"]) as pid:
        variables = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": KEYS[0],
            "AWS_SECRET_ACCESS_KEY": KEYS[1],
            "AWS_REGION": "us-east-1",
        }
        yield Store(pid=pid, url=f"s3://{BUCKET}/files", environment=variables)


def free_port() -> int:
    """Return a TCP port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
