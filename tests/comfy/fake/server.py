"""The fake under uvicorn, in a thread of its own, on a free port; it can die, and come back knowing nothing."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

import uvicorn

from tests.comfy.fake.app import Fake

T = TypeVar("T")
LONG = 20.0
"""Seconds after which a test that waits in vain fails."""


def eventually(holds: Callable[[], object], seconds: float = LONG) -> None:
    """Wait for something that nothing tells of."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


class FakeServer:
    """Runs inside `with`."""

    def __init__(self, version: str = "0.33.0") -> None:
        self._version = version
        self._port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.die()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start with nothing in its queue, history and folders."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(listener, ready))
        self._thread.start()
        assert ready.wait(LONG)

    def die(self) -> None:
        """End at once, as a killed process does: connections are cut in the middle of a message."""
        if not self._thread.is_alive():
            return

        async def cut() -> None:
            for server in self._uvicorn.servers:
                server.close()
            for connection in list(self._uvicorn.server_state.connections):
                connection.transport.abort()
            self._uvicorn.force_exit = True
            self._uvicorn.should_exit = True

        self.soon(cut)
        self._thread.join(LONG)
        assert not self._thread.is_alive()

    def soon(self, call: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine in the server's own loop and return its result."""

        async def called() -> T:
            return await call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(LONG)

    def wait_for(self, event: Callable[[Fake], asyncio.Event]) -> None:
        """Wait until something happened in the server."""

        async def waited() -> None:
            async with asyncio.timeout(LONG):
                await event(self.fake).wait()

        self.soon(waited)

    def release(self) -> None:
        """Let slow nodes end."""
        self._loop.call_soon_threadsafe(self.fake.executor.released.set)

    def resume(self) -> None:
        """Let the queue go on."""
        self.fake.executor.paused = False
        self._loop.call_soon_threadsafe(self.fake.executor.wake.set)

    def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self.fake = Fake(self._version)
            config = uvicorn.Config(
                self.fake.app(), log_config=None, access_log=False, lifespan="off"
            )
            self._uvicorn = uvicorn.Server(config)
            worker = asyncio.ensure_future(self.fake.executor.work())
            task = asyncio.ensure_future(self._uvicorn.serve([listener]))
            while not self._uvicorn.started:
                await asyncio.sleep(0.001)
            ready.set()
            await task
            worker.cancel()

        asyncio.run(main())
