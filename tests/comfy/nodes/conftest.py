"""A service to call, one that answers as told, and ComfyUI's stand-ins."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from comfy_bridge.nodes.service.connection import Connection
from comfy_bridge.nodes.service.session import Session, opened
from tests.comfy.nodes.stubs import Comfy, forget_nodes, modules
from tests.connector.fifo import fifo
from tests.connector.service_process import ServiceProcess

__all__ = ["fifo"]

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="session")
def service() -> Iterator[ServiceProcess]:
    """The service with the sample steps and a worker."""
    with ServiceProcess() as running:
        yield running


@pytest.fixture
def connection(service: ServiceProcess) -> Connection:
    """Where it is."""
    return to(f"http://127.0.0.1:{service.port}")


@pytest.fixture
def comfy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Comfy]:
    """ComfyUI's stand-ins, importable while the test runs."""
    made = Comfy(user=str(tmp_path))
    for name, module in modules(made).items():
        monkeypatch.setitem(sys.modules, name, module)
    forget_nodes()
    yield made
    forget_nodes()


def to(url: str, **changes: Any) -> Connection:
    """Return a connection that waits for nothing long."""
    usual = {"key": None, "timeout": 60.0, "retries": 2, "parallel": 4}
    return Connection(url=url, **{**usual, **changes})


@asynccontextmanager
async def scripted(answer: Answer, **changes: Any) -> AsyncIterator[Session]:
    """A session with a service that gives one answer to every call, and pauses that take no time."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app) as server:
        connection = to(str(server.make_url("")).rstrip("/"), **changes)
        async with opened(connection) as session:
            session.pauses = []  # type: ignore[attr-defined]

            async def sleep(seconds: float) -> None:
                session.pauses.append(seconds)  # type: ignore[attr-defined]
                await asyncio.sleep(0)

            session._sleep = sleep
            yield session


def noise(height: int = 12, width: int = 16, channels: int = 3, seed: int = 0) -> Any:
    """Return a picture of random bytes."""
    shape = (height, width, channels)
    found: npt.NDArray[np.uint8] = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return found
