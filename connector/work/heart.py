"""The beat of a worker: renews the lease of the item at hand, and hears whether it is still wanted.

One thread for the life of the worker. The step reads one flag, which costs it nothing.
"""

import logging
import threading
from collections.abc import Callable
from enum import StrEnum

from connector.jobs.model import Claim, Renewal

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
"""Between two renewals: a cancellation reaches a step within this, plus the step's own second."""


class Reason(StrEnum):
    """Why the work at hand is to stop."""

    NONE = ""
    CANCELLED = "cancelled"
    LATE = "late"
    LOST = "lost"
    ENDING = "ending"


class Heart:
    """Renews the lease of one claim at a time, from its own thread."""

    def __init__(
        self,
        renew: Callable[[Claim, float, str], Renewal],
        idle: Callable[[], None],
        *,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        """Prepare; nothing beats before `start`.

        Args:
            renew: tells the database (claim, progress 0..1, phase) and returns what it says.
            idle: called at each beat, with or without work: the worker's own sign of life.
            beat_seconds: between two beats.
        """
        self._renew, self._idle, self._beat_seconds = renew, idle, beat_seconds
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._held: Claim | None = None
        self._progress = 0.0
        self._phase = ""
        self.reason = Reason.NONE
        """Why the work at hand is to stop; empty while it is wanted."""

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def close(self) -> None:
        """Stop beating, and wait for the last beat."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def take(self, held: Claim) -> None:
        """Beat for this claim from now on."""
        with self._lock:
            self._held, self._progress, self._phase = held, 0.0, ""
            self.reason = Reason.NONE

    def drop(self) -> None:
        """Beat for none."""
        with self._lock:
            self._held = None

    def report(self, progress: float, phase: str) -> None:
        """Take how far the work is; the next beat tells it."""
        self._progress, self._phase = progress, phase

    def end(self) -> None:
        """The worker ends: the work at hand is to stop. Safe in a signal handler."""
        self.reason = Reason.ENDING

    def is_stopped(self) -> bool:
        """Whether the work at hand is to stop."""
        return self.reason is not Reason.NONE

    def _beat(self) -> None:
        while not self._ended.wait(self._beat_seconds):
            held = self._held
            try:
                self._idle()
                if held is not None:
                    self._hear(held, self._renew(held, self._progress, self._phase))
            except Exception:
                # The database is away, say: the lease runs on, and the next beat tries again.
                log.warning("a heartbeat failed", exc_info=True)

    def _hear(self, held: Claim, said: Renewal) -> None:
        with self._lock:
            if self._held is not held or self.reason is not Reason.NONE:
                return
            if not said.held:
                self.reason = Reason.LOST
            elif said.cancel:
                self.reason = Reason.CANCELLED
            elif said.late:
                self.reason = Reason.LATE
