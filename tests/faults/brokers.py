"""Brokers that can be stopped and started: a Redis of our own, and RabbitMQ behind a proxy."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from kombu import Connection

from connector.queue.celery_app import PREFIX
from tests.faults.member import LONG
from tests.faults.proxy import Proxy

AMQP_HOST, AMQP_PORT = "127.0.0.1", 5672


class Broker(Protocol):
    """Where doorbells are rung."""

    url: str
    queue: str
    """Name of the one queue of this installation, of its own on a broker that others use."""

    def stop(self) -> None:
        """Be gone: connections end, new ones are refused, what is not durable is lost."""

    def start(self) -> None:
        """Be back."""


class OwnRedis:
    """A redis-server without any persistence: a stop loses every doorbell."""

    queue = "cpu"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""],
            cwd=self._folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "Ready to accept connections" in line:
                return
        raise RuntimeError("redis-server ended at its start")

    def stop(self) -> None:
        """End it, as a crash would: nothing is saved."""
        self._process.kill()
        self._process.wait(LONG)
        assert self._process.stdout is not None
        self._process.stdout.close()


class ProxiedRabbit:
    """The machine's RabbitMQ, reached through a proxy; a stop cuts and refuses."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self.queue = f"faults-{os.getpid()}"
        self.url = f"amqp://guest:guest@127.0.0.1:{proxy.port}//"

    def start(self) -> None:
        """Take connections again."""
        self._proxy.heal()

    def stop(self) -> None:
        """Cut every connection and refuse others."""
        self._proxy.refuse()


@contextmanager
def redis(folder: Path) -> Iterator[Broker]:
    """Give a Redis of our own. Absent: skipped, an error where CI promises it."""
    if shutil.which("redis-server") is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("redis-server")
        pytest.skip("no redis-server on this machine")
    found = OwnRedis(folder)
    found.start()
    try:
        yield found
    finally:
        found.stop()


@contextmanager
def rabbitmq() -> Iterator[Broker]:
    """Give the machine's RabbitMQ, with a queue of our own. Absent: skipped, an error in CI."""
    try:
        socket.create_connection((AMQP_HOST, AMQP_PORT), timeout=3).close()
    except OSError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no RabbitMQ at {AMQP_HOST}:{AMQP_PORT}: {error}")
    with Proxy(AMQP_HOST, AMQP_PORT) as proxy:
        found = ProxiedRabbit(proxy)
        try:
            yield found
        finally:
            with (
                Connection(f"amqp://guest:guest@{AMQP_HOST}:{AMQP_PORT}//") as connection,
                connection.channel() as channel,
            ):
                channel.queue_delete(PREFIX + found.queue)


def free_port() -> int:
    """Return a loopback port that is free at the moment, for a process that must come back on it."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
