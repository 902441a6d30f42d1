"""Faults on a clock: every second a worker is killed; the rest happens at shares of the work done."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.faults import ledger
from tests.faults.member import Member
from tests.faults.stack import WORKER_READY, Stack

KILL_SECONDS = 1.0
LOOK_SECONDS = 0.1
"""Between two looks at how much is done."""


@dataclass(frozen=True)
class Fault:
    """Something that happens once."""

    name: str
    at: float
    """Share of the items that have ended by then, 0..1."""
    cause: Callable[[], object]
    mend: Callable[[], object] | None = None
    seconds: float = 0.0
    """Between cause and mend."""


class Chaos:
    """Breaks a stack from a thread of its own, between `with` and its end; then all is mended."""

    def __init__(self, stack: Stack, total: int, planned: Sequence[Fault]) -> None:
        self._stack, self._total = stack, total
        self._planned = sorted(planned, key=lambda each: each.at)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._error: BaseException | None = None
        self.done: Counter[str] = Counter()
        """What was done how often."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _run(self) -> None:
        try:
            self._break()
        except BaseException as error:
            self._error = error

    def _break(self) -> None:
        waiting = list(self._planned)
        mends: list[tuple[float, Callable[[], object]]] = []
        kill_at = time.monotonic() + KILL_SECONDS
        while not self._ended.wait(LOOK_SECONDS):
            now = time.monotonic()
            if now >= kill_at:
                kill_at += KILL_SECONDS
                self.done["workers killed"] += _kill_a_worker(self._stack)
            for each in self._stack.workers:
                if not each.is_running:  # one that began while the database was away
                    each.start()
                    self.done["workers started again"] += 1
            for due, mend in [each for each in mends if each[0] <= now]:
                mend()
                mends.remove((due, mend))
            share = ledger.ended(self._stack.database) / self._total
            if waiting and not mends and share >= waiting[0].at:
                fault = waiting.pop(0)
                fault.cause()
                self.done[fault.name] += 1
                if fault.mend is not None:
                    mends.append((time.monotonic() + fault.seconds, fault.mend))
        for _, mend in mends:
            mend()


def _kill_a_worker(stack: Stack) -> int:
    """Kill the one that has worked longest, and start it again; return how many that were.

    None while fewer than two work: on a slow machine a start takes longer than the time between two kills.
    """
    if not stack.workers:
        return _kill_a_child(stack.api)
    ready = [each for each in stack.workers if each.is_ready]
    if len(ready) < 2:
        return 0
    victim = min(ready, key=lambda each: each.lives)
    victim.kill()
    victim.start()
    return 1


def _kill_a_child(service: Member) -> int:
    """Kill a worker of an embedded service, which starts it again by itself."""
    pids = service.fields_of(WORKER_READY, "pid")
    dead = service.fields_of("a worker process died", "pid")
    living = [int(str(pid)) for pid in pids if pid not in dead]
    if len(living) < 2:
        return 0
    try:
        os.kill(living[0], signal.SIGKILL)
    except ProcessLookupError:  # the log says so in a moment
        return 0
    return 1


def restart(member: Member) -> None:
    """Kill a process and start it again."""
    member.kill()
    member.start()
