"""The one thread of a worker that works: woken by doorbells, and looking by itself when none rings.

`serve_one` runs here and nowhere else, so it never runs twice at a time; the thread that hears signals and
the one that hears the broker stay free. A worker whose broker is away, or whose consumer hangs (celery
issues 8030, 10205), therefore still works off the queue: it only learns of new items `IDLE_SECONDS` late.
"""

import logging
import math
import threading
import time
from collections.abc import Callable

from connector.jobs.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

IDLE_SECONDS = 2.0
"""Between two looks of an idle worker: one cheap query, and the longest delay by a dead broker."""
SLICE_SECONDS = 5.0
"""How long a bell is answered before it is acknowledged and rung anew, so that the broker's connection is
attended to in between."""
HOLD_SECONDS = 600.0
"""Longest wait for one item before its bell is let go; RabbitMQ cuts a consumer off after 30 minutes."""


class Server:
    """Works off what waits."""

    def __init__(
        self, serve_one: Callable[[], bool], *, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        """Prepare; nothing is worked on before `start`.

        Args:
            serve_one: claims an item, if one waits, and works on it; says whether there may be more.
            idle_seconds: between two looks when nothing waits.
        """
        self._serve_one, self._idle_seconds = serve_one, idle_seconds
        self._changed = threading.Condition()
        self._asked = 0
        self._answered = 0
        self._slice_end = math.inf
        """When somebody who waits for an answer is to be told that there is more to do."""
        self._ending = False
        self._is_away = False
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def answer(self, slice_seconds: float = SLICE_SECONDS) -> bool:
        """Wake the thread and wait until nothing waits any more, or the slice has passed.

        Returns:
            Whether there may be more to do.
        """
        end = time.monotonic() + slice_seconds
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._changed.notify_all()
            give_up = time.monotonic() + HOLD_SECONDS
            while self._answered < mine and not self._ending and time.monotonic() < end:
                self._slice_end = min(self._slice_end, end)
                if not self._changed.wait(give_up - time.monotonic()):
                    break
            return self._answered < mine and not self._ending

    def end(self) -> None:
        """Begin no other item. Stopping the one at hand is its owner's (`Workplace.end`)."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()

    def join(self, seconds: float | None = None) -> bool:
        """Wait for the end of the item at hand; return whether it came in time."""
        if self._thread.ident is None:  # the end came before the start
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                asked = self._asked
            found = self._look()
            with self._changed:
                if not found:
                    self._answered = asked
                # Not after every item: waking a thread that has nothing to do costs as much as a query.
                if not found or time.monotonic() >= self._slice_end:
                    self._slice_end = math.inf
                    self._changed.notify_all()
                if not found:
                    self._changed.wait_for(
                        lambda asked=asked: self._asked != asked or self._ending,  # type: ignore[misc]
                        timeout=self._idle_seconds,
                    )
                if self._ending:
                    return

    def _look(self) -> bool:
        try:
            found = self._serve_one()
        except DatabaseUnavailable:
            if not self._is_away:
                log.warning("the database is away; looking again every %g s", self._idle_seconds)
            self._is_away = True
            return False
        except Exception:
            # Whatever it is, the worker goes on; the item's lease runs out and counts as an attempt.
            log.exception("unexpected error outside of a step")
            return False
        if self._is_away:
            log.info("the database is back")
        self._is_away = False
        return found
