"""Starting a process: the service as a user starts it; workers and keepers forked from one that is warm.

A worker's start costs more than a second of a core, nearly all of it imports. One that is killed every
second would keep a small machine busy with nothing else, so they are imported once.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).parents[2]

_FORKSERVER = multiprocessing.get_context("forkserver")
_FORKSERVER.set_forkserver_preload(["tests.faults.process"])


class Process(Protocol):
    """A process of ours."""

    errors: IO[str]
    """What it writes to its standard error; ends with it and with its children."""

    @property
    def pid(self) -> int:
        """Its number."""

    def is_alive(self) -> bool:
        """Whether it lives."""

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end and return the exit code; None when it did not come in time."""


class Spawned:
    """`python -m tests.faults.process`, in an interpreter of its own."""

    def __init__(self, role: str, name: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.process", role, name],
            cwd=ROOT,
            env=os.environ | dict(environment),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        self.errors: IO[str] = self._process.stderr
        self.pid = self._process.pid

    def is_alive(self) -> bool:
        """Whether it lives."""
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end and return the exit code; None when it did not come in time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


class Forked:
    """The same, forked from a server that has imported it and runs no threads."""

    def __init__(self, role: str, name: str, environment: Mapping[str, str]) -> None:
        reader, writer = _FORKSERVER.Pipe(duplex=False)
        self._process = _FORKSERVER.Process(
            target=_run, args=(role, name, dict(environment), writer), name=f"{role} {name}"
        )
        self._process.start()
        writer.close()
        with reader:
            self.errors: IO[str] = os.fdopen(os.dup(reader.fileno()))
        assert self._process.pid is not None
        self.pid = self._process.pid

    def is_alive(self) -> bool:
        """Whether it lives."""
        return self._process.is_alive()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process.is_alive():
            os.kill(self.pid, number)

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end and return the exit code; None when it did not come in time."""
        self._process.join(seconds)
        return self._process.exitcode


def _run(role: str, name: str, environment: dict[str, str], errors: Connection) -> None:
    os.chdir(ROOT)
    os.dup2(errors.fileno(), 2)
    errors.close()
    os.environ.update(environment)

    from tests.faults import process

    process.run(role, name)
