"""Which queue a worker looks into first: the one that its loaded models serve, for a while.

Loading a large model takes longer than using it. Where steps have queues of their own (RETUSCHE_QUEUES) and a
worker serves several, it stays with the queue that it served last until that is empty, or until its patience is
over; then the others have their turn, so that none waits for ever.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Affinity:
    """The order in which one worker looks into its queues."""

    queues: tuple[str, ...]
    """Its queues; without patience the first one always comes first."""
    patience_seconds: float = 0.0
    """How long it stays with one queue while others may wait; 0: never stays."""
    clock: Callable[[], float] = time.monotonic
    _last: str = field(default="", init=False)
    _since: float = field(default=0.0, init=False)

    def order(self) -> tuple[str, ...]:
        """Return the queues in the order to look into them."""
        if self.patience_seconds <= 0 or self._last not in self.queues:
            return self.queues
        at = self.queues.index(self._last)
        others = (*self.queues[at + 1 :], *self.queues[:at])
        if self.clock() - self._since < self.patience_seconds:
            return (self._last, *others)
        return (*others, self._last)

    def served(self, queue: str) -> None:
        """Note the queue that an item was taken from."""
        over = self.clock() - self._since >= self.patience_seconds
        if (
            queue != self._last or over
        ):  # when its patience was over and nobody else waited, it begins anew
            self._last, self._since = queue, self.clock()
