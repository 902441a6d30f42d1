"""How a test hears what a step in another process says, without asking again and again."""

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

LONG = 60.0
"""Seconds that a test waits for what it expects, on the slowest machine."""


class Fifo:
    """A named pipe that a step writes lines to."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        # Opened for writing as well: so the step's end never waits for a reader, nor this one's ends.
        self._descriptor = os.open(path, os.O_RDWR)
        self._text = ""

    def __str__(self) -> str:
        return str(self.path)

    def line(self) -> str:
        """Return the next line; fail when none comes."""
        while "\n" not in self._text:
            if not select.select([self._descriptor], [], [], LONG)[0]:
                pytest.fail(f"nothing was said for {LONG:g} seconds")
            self._text += os.read(self._descriptor, 4096).decode()
        line, _, self._text = self._text.partition("\n")
        return line

    def started(self) -> int:
        """Return the process id of the step that says it has started."""
        word, pid = self.line().split()
        assert word == "started"
        return int(pid)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Fifo]:
    """A pipe that a step can write to."""
    made = Fifo(tmp_path / "said")
    yield made
    made.close()
