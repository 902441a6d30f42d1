"""The websocket of one client, opened again whenever it breaks."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from comfy_bridge.client.messages import CONNECTED, Event, read

log = logging.getLogger(__name__)

OPEN_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before the websocket is opened again, doubled at each failure."""
MAX_MESSAGE = 64 * 1024 * 1024
"""Bytes; a preview of a large picture is a few of 1024 × 1024."""


class EventStream:
    """Events while inside `with`. What is missed while the websocket is away is asked for by HTTP."""

    def __init__(self, url: str, client_id: str) -> None:
        """Prepare.

        Args:
            url: base address of the server.
            client_id: of the prompts whose news are wanted.
        """
        base = url.rstrip("/").replace("http", "ws", 1)
        self._uri = f"{base}/ws?clientId={client_id}"
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._open = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_open(self) -> bool:
        """Whether the websocket is there."""
        return self._open.is_set()

    async def opened(self, seconds: float) -> bool:
        """Wait for the websocket. Return whether it came."""
        try:
            async with asyncio.timeout(seconds):
                return await self._open.wait()
        except TimeoutError:
            return False

    def forget(self) -> None:
        """Drop what came so far."""
        while not self._events.empty():
            self._events.get_nowait()

    async def next(self, seconds: float) -> Event | None:
        """Return the next event, or None when none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._events.get()
        except TimeoutError:
            return None

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._listen()
                pause = FIRST_PAUSE
            except (OSError, WebSocketException) as error:  # TimeoutError is an OSError
                log.debug("the websocket is away", extra={"error": str(error)})
                pause = min(LONGEST_PAUSE, 2 * pause)
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async with connect(
            self._uri,
            proxy=None,
            compression=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=0.5,
            max_size=MAX_MESSAGE,
        ) as socket:
            self._open.set()
            self._events.put_nowait(Event(CONNECTED))
            try:
                async for frame in socket:
                    event = read(frame)
                    if event is not None:
                        self._events.put_nowait(event)
            finally:
                self._open.clear()
