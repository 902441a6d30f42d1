"""`retusche serve`: the app under uvicorn, with the workers and the keeper of this machine beside it."""

import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from connector import logs, tracing
from connector.app import create_app
from connector.auth import key_rows
from connector.jobs import migrate
from connector.jobs.database import Database
from connector.malformed import Protocol
from connector.queue.supervisor import Supervisor
from connector.service import Service
from connector.settings import Settings
from steps import registry
from steps.registry import Registry

log = logging.getLogger(__name__)

BACKLOG = 2048
"""Connections that the system holds until they are accepted; uvicorn's own default."""


def serve(settings: Settings, catalogue: Callable[[], Registry] = registry.steps) -> None:
    """Serve until SIGINT or SIGTERM; then running requests get `shutdown_seconds` to end.

    Raises:
        OSError: the address is taken, or is not one of this machine.
        ValueError: a RETUSCHE_* variable cannot be understood.
        DatabaseUnavailable, SchemaOutdated: the database is not there, or of another version.
    """
    logs.configure(settings.log_level)
    tracing.start(settings.otlp_endpoint, "retusche-api")
    app = create_app(settings, catalogue)
    config = uvicorn.Config(
        app,
        http=Protocol,
        log_config=None,
        access_log=False,  # connector.api.door.Trace logs each request, with its trace
        server_header=False,
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )
    with listen(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        log.info("listening", extra={"host": host, "port": port})
        prepare(settings)
        expect_keys(settings)
        supervisor = Supervisor(settings, catalogue)
        supervisor.start()
        try:
            with _outliving_signals():
                _Server(config, app).run(sockets=[listener])
        finally:
            supervisor.close()
            tracing.stop()


class _Server(uvicorn.Server):
    """Lets who only waits for a job go before it waits for requests to end: a stream of events has no end."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        _look_for_garbage_seldom()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain and end."""
        service: Service = self._app.state.service
        service.hub.release()
        await super().shutdown(sockets)


def _look_for_garbage_seldom() -> None:
    """Spare requests the collector's long pauses.

    A look through all that the libraries have made takes a tenth of a second and more, in which nothing is
    answered; so what is there by now is never looked through again, and what comes is seldom.
    With 200 callers the 99th percentile fell from 190 to 40 ms (`python -m benchmarks.load`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@contextmanager
def _outliving_signals() -> Iterator[None]:
    """Survive the signal that ended the server, which uvicorn raises once more at its end.

    The workers are to end first. A further signal meanwhile has its usual effect; then they end by themselves.
    """
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(number: int, frame: object) -> None:
    """Do nothing; unlike SIG_IGN it is not inherited by the workers."""


def prepare(settings: Settings) -> None:
    """See that the tables are of this version; where everything lives on this machine, bring them to it.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
        SchemaOutdated: its tables are of another version.
    """
    database = Database(settings.database)
    try:
        if settings.is_embedded:
            migrate.upgrade(database)
        else:
            migrate.check(database)
    finally:
        database.close()


def expect_keys(settings: Settings) -> None:
    """Say so where keys are the only way in, and there is none."""
    if settings.auth != {"keys"}:
        return
    database = Database(settings.database)
    try:
        if not database.read(key_rows.every):
            log.warning("there is no API key; make one with `retusche keys create --client NAME`")
    finally:
        database.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        OSError: the address is taken, or is not one of this machine.
    """
    address = host.removeprefix("[").removesuffix("]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it every answer waits
    # 40 ms for a delayed acknowledgement (measured: 44 ms instead of 3 for an empty one).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
