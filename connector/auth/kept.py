"""What was asked a moment ago, so that a request need not ask the database again."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by name, for some seconds; of one event loop. Nothing is kept of what was not found."""

    def __init__(
        self,
        ask: Callable[[str], T | None],
        seconds: float,
        *,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            ask: gives the answer, in a thread; None where there is none.
            seconds: how long an answer is good for.
            most: entries that are kept; those longest unused go first.
            clock: seconds.
        """
        self._ask, self._seconds, self._most, self._clock = ask, seconds, most, clock
        self._entries: OrderedDict[str, tuple[T, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[T | None]] = {}

    def has(self, name: str) -> bool:
        """Say whether there was an answer to this name the last time, however long ago."""
        return name in self._entries

    async def get(self, name: str) -> T | None:
        """Return the answer; asks at most once at a time for each name."""
        found = self._entries.get(name)
        if found is not None and self._clock() < found[1]:
            self._entries.move_to_end(name)
            return found[0]
        task = self._asking.get(name)
        if task is None:
            task = asyncio.ensure_future(self._renew(name))
            self._asking[name] = task
            task.add_done_callback(partial(self._answered, name))
        return await asyncio.shield(task)  # one caller that leaves takes nobody else's answer away

    def _answered(self, name: str, task: asyncio.Task[T | None]) -> None:
        del self._asking[name]
        if not task.cancelled():
            task.exception()  # looked at, lest it is reported where every caller has left

    async def _renew(self, name: str) -> T | None:
        until = self._clock() + self._seconds  # counted from the question, which may have to wait
        answer = await run_in_threadpool(self._ask, name)
        self._entries.pop(name, None)
        if answer is not None:
            self._entries[name] = (answer, until)
            if len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return answer
