"""Ctrl-C as a wish: the first one lets the step stop by itself, the second one ends the program."""

import signal
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """While its `with` block is open, SIGINT and SIGTERM set `wanted`. Main thread only."""

    def __init__(self) -> None:
        self.wanted = False

    def __enter__(self) -> "Interrupt":
        """Take over the signals."""
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        self._give_back()

    def is_wanted(self) -> bool:
        """Say whether someone asked to stop; fits `Context.is_cancelled`."""
        return self.wanted

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True
        self._give_back()

    def _give_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
