"""What the parts of the API share: one per app, made when it starts."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from connector.api.waiting import Hub
from connector.auth.callers import KNOWN, Canceller, Client, Reader, Runner
from connector.fetch import Policy
from connector.jobs import keys
from connector.jobs.database import Database
from connector.jobs.model import Rules
from connector.jobs.templates import Template
from connector.links import KEY_NAME, Links
from connector.queue.doorbell import Doorbell
from connector.settings import Settings
from connector.storage.store import FileStore
from connector.version import VERSION
from steps.environment import Environment
from steps.registry import Registry

T = TypeVar("T")
P = ParamSpec("P")


class LinkKey:
    """The key that signs links, read from the database at the first need."""

    def __init__(self, database: Database) -> None:
        """Prepare; asks for nothing yet."""
        self._database = database
        self._lock = threading.Lock()
        self._key: bytes | None = None

    def get(self) -> bytes:
        """Return the key; not for the event loop.

        Raises:
            DatabaseUnavailable: it cannot be read.
        """
        with self._lock:
            if self._key is None:
                self._key = self._database.write(lambda tx: keys.shared_key(tx, KEY_NAME))
            return self._key


@dataclass(frozen=True, kw_only=True)
class Service:
    """What a request is served with."""

    settings: Settings
    environment: Environment
    """What workers of this installation run with."""
    registry: Registry
    templates: Mapping[str, Template]
    policy: Policy
    """What callers may have fetched."""
    callback_policy: Policy
    """Where callers may be called back."""
    rules: Rules
    database: Database
    files: FileStore
    doorbell: Doorbell
    hub: Hub
    link_key: LinkKey
    now: Callable[[], float] = field(default=time.time)
    """Seconds since 1970."""

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run a reading transaction in a thread."""
        return await run_in_threadpool(self.database.read, function)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Run a writing transaction in a thread."""
        return await run_in_threadpool(self.database.write, function)

    def base_url(self, request: Request) -> str:
        """Return where this caller reaches the service: as set, else as it was called."""
        return self.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")

    def links(self, request: Request) -> Links:
        """Return what makes links for this caller; not for the event loop."""
        until = self.now() + self.rules.retention_seconds
        return Links(base=self.base_url(request), key=self.link_key.get(), until=until)


async def service_of(request: Request) -> Service:
    """Return the service of the app that got this request.

    Raises:
        TypeError: the app was not made by `connector.app.create_app`, or did not start.
    """
    found = request.app.state.service
    if not isinstance(found, Service):
        raise TypeError("app.state.service is missing: make the app with connector.app.create_app")
    return found


Here = Annotated[Service, Depends(service_of)]
"""The service, as an argument of a route."""

__all__ = [
    "KNOWN",
    "VERSION",
    "Canceller",
    "Client",
    "Here",
    "LinkKey",
    "Reader",
    "Runner",
    "Service",
    "service_of",
]
