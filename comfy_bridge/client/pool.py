"""Which of several servers gets the next prompt: the least loaded, and none that failed just now."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence

from comfy_bridge.client.errors import ComfyError, ServerUnreachable
from comfy_bridge.client.patience import Patience
from comfy_bridge.client.server import Server

log = logging.getLogger(__name__)

ASK_SECONDS = 5.0
"""For a server to tell its queue; one that is slower is none to choose."""
PAUSE_SECONDS = 0.5
"""Between two rounds in which no server answers."""


class Pool:
    """Remembers, for the life of a process, which servers failed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Trust every server at first."""
        self._clock = clock
        self._failed: dict[str, float] = {}
        """When, by address."""

    def failed(self, server: Server) -> None:
        """Leave a server out for a while."""
        self._failed[server.url] = self._clock()
        log.warning(
            "a ComfyUI server failed; it is left out for a while", extra={"server": server.name}
        )

    async def choose(
        self, servers: Sequence[Server], patience: Patience, waiting: Callable[[], None]
    ) -> Server:
        """Return the server with the fewest prompts, one of those at random where they are equal.

        Those that failed are asked only when no other one answers.

        Args:
            servers: at least one.
            patience: how long to wait for one that answers, and to leave out one that failed.
            waiting: called between two rounds; what it raises ends the wait.

        Raises:
            ServerUnreachable: none answers in time; says why for each.
        """
        until = self._clock() + patience.reach
        while True:
            refused: list[str] = []
            for group in self._groups(servers, patience):
                found = await self._least_loaded(group, refused)
                if found is not None:
                    return found
            if self._clock() >= until:
                raise ServerUnreachable("no ComfyUI server answers: " + "; ".join(refused))
            waiting()
            await asyncio.sleep(PAUSE_SECONDS)

    def _groups(self, servers: Sequence[Server], patience: Patience) -> tuple[list[Server], ...]:
        since = self._clock() - patience.avoid
        bad = [each for each in servers if self._failed.get(each.url, since) > since]
        return [each for each in servers if each not in bad], bad

    async def _least_loaded(self, servers: Sequence[Server], refused: list[str]) -> Server | None:
        loads = await asyncio.gather(*(_load(each) for each in servers), return_exceptions=True)
        answered: list[tuple[int, Server]] = []
        for server, load in zip(servers, loads, strict=True):
            if isinstance(load, int):
                answered.append((load, server))
            elif isinstance(load, ComfyError | TimeoutError):
                refused.append(str(load) or f"{server.name} is too slow")
                self._failed[server.url] = self._clock()
            else:
                raise load
        least = min((load for load, _ in answered), default=0)
        best = [server for load, server in answered if load == least]
        return secrets.choice(best) if best else None


async def _load(server: Server) -> int:
    async with asyncio.timeout(ASK_SECONDS):
        return (await server.queue()).length
