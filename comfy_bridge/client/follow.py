"""One prompt from its submission to its end: by websocket, by polling where that is away, taken back if given up."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from comfy_bridge.client.errors import (
    ComfyError,
    PromptFailed,
    PromptInterrupted,
    PromptLost,
    PromptTimedOut,
    ServerUnreachable,
)
from comfy_bridge.client.graph import Graph
from comfy_bridge.client.history import FileRef, outputs_of
from comfy_bridge.client.messages import CONNECTED, ENDS, Event
from comfy_bridge.client.patience import Patience
from comfy_bridge.client.server import Server
from comfy_bridge.client.stream import EventStream
from comfy_bridge.client.track import Track

SOON_SECONDS = 0.05
"""Between a message of the end and the history that tells it."""
REST_SECONDS = 0.2
"""For messages that are still on the way when the history tells the end already."""
OVER = (PromptFailed, PromptInterrupted, PromptLost)
"""After these the server has nothing left of the prompt."""

Told = Callable[[float, str], None]
"""Takes the share that is done (0..1) and what is going on; what it raises ends the prompt."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What a prompt made."""

    prompt_id: str
    outputs: dict[str, tuple[FileRef, ...]]
    """Pictures by node."""
    track: Track


async def run_prompt(server: Server, graph: Graph, tell: Told, patience: Patience) -> Finished:
    """Run a workflow on a server.

    Whatever ends it before its time (cancelling this coroutine, too) takes it back from the server: out of the
    queue, and interrupted where it runs.

    Raises:
        ComfyError: every kind of `comfy_bridge.client.errors`.
    """
    client_id, prompt_id = str(uuid.uuid4()), str(uuid.uuid4())
    async with EventStream(server.url, client_id) as stream:
        await stream.opened(patience.open)
        stream.forget()
        follower = _Follower(server, stream, prompt_id, Track(graph), tell, patience)
        try:
            await server.submit(graph, prompt_id=prompt_id, client_id=client_id)
            return await follower.finished()
        except OVER:
            raise
        except BaseException:
            await take_back(server, prompt_id, patience.stop)
            raise


async def take_back(server: Server, prompt_id: str, seconds: float) -> bool:
    """Delete a prompt from the queue and interrupt it, until the server has it no more.

    An interrupt between the queue and the first node has no effect (ComfyUI clears its flag there), so that
    one is not enough.

    Args:
        server: that has it.
        prompt_id: its id.
        seconds: to try for.

    Returns:
        Whether it is gone.
    """
    with contextlib.suppress(TimeoutError, ComfyError):
        async with asyncio.timeout(seconds):
            while True:
                await server.delete(prompt_id)
                await server.interrupt(prompt_id)
                if prompt_id not in await server.queue():
                    return True
                await asyncio.sleep(0.2)
    return False


class _Follower:
    def __init__(
        self,
        server: Server,
        stream: EventStream,
        prompt_id: str,
        track: Track,
        tell: Told,
        patience: Patience,
    ) -> None:
        self._server, self._stream, self._prompt_id = server, stream, prompt_id
        self._track, self._tell, self._patience = track, tell, patience
        now = time.monotonic()
        self._submitted, self._heard, self._next_poll = now, now, now
        self._began: float | None = None
        self._place = 0

    async def finished(self) -> Finished:
        self._plan()
        while True:
            event = await self._stream.next(max(0.0, self._next_poll - time.monotonic()))
            if event is not None:
                self._take(event)
            if time.monotonic() >= self._next_poll:
                entry = await self._ask()
                if entry is not None:
                    await self._hear_the_rest()
                    outputs = outputs_of(entry)
                    return Finished(prompt_id=self._prompt_id, outputs=outputs, track=self._track)
            self._report()
            self._check_time()

    def _take(self, event: Event) -> None:
        self._heard = time.monotonic()
        if event.kind == CONNECTED:
            self._next_poll = self._heard  # what was missed meanwhile
        if event.prompt_id != self._prompt_id:
            return
        self._track.take(event)
        if self._began is None:
            self._began = self._heard
        self._next_poll = self._heard if event.kind in ENDS else self._next_poll

    async def _ask(self) -> dict[str, object] | None:
        """Ask the history; where it knows nothing, the queue must."""
        try:
            entry = await self._server.history(self._prompt_id)
            if entry is None:
                entry = await self._look_for_it()
        except ServerUnreachable as error:
            silent = time.monotonic() - self._heard
            if silent > self._patience.gone:
                raise ServerUnreachable(f"no answer for {silent:.0f} s: {error}") from error
            self._next_poll = time.monotonic() + self._patience.poll
            return None
        self._heard = time.monotonic()
        self._plan()
        return entry

    async def _hear_the_rest(self) -> None:
        """Take the messages that are still on the way, for the nodes' times: the history came first."""
        while self._stream.is_open and not self._track.is_over:
            event = await self._stream.next(REST_SECONDS)
            if event is None:
                return
            self._take(event)

    async def _look_for_it(self) -> dict[str, object] | None:
        queue = await self._server.queue()
        if self._prompt_id in queue.running:
            self._place = 0
            self._began = self._began or time.monotonic()
        elif self._prompt_id in queue.pending:
            self._place = queue.pending.index(self._prompt_id) + 1
        else:  # it ended between the two questions, or is lost
            entry = await self._server.history(self._prompt_id)
            if entry is None:
                raise PromptLost(
                    f"{self._server.name} knows nothing of the prompt any more: it was restarted, or its "
                    "queue was cleared"
                )
            return entry
        return None

    def _plan(self) -> None:
        patience = self._patience
        pause = patience.quiet if self._stream.is_open else patience.poll
        if self._track.is_over:
            pause = SOON_SECONDS
        self._next_poll = time.monotonic() + pause

    def _report(self) -> None:
        if self._began is None and self._place:
            self._tell(0.0, f"number {self._place} in the queue of {self._server.name}")
        else:
            self._tell(self._track.fraction, self._track.current)

    def _check_time(self) -> None:
        now, patience = time.monotonic(), self._patience
        if self._began is not None and now - self._began > patience.run:
            raise PromptTimedOut(f"the workflow ran for more than {patience.run:g} s")
        if self._began is None and now - self._submitted > patience.queue:
            raise PromptTimedOut(
                f"the workflow waited for more than {patience.queue:g} s in the queue of {self._server.name}"
            )
