"""One process of a stack: started, listened to, killed, started again. Its log is kept in a file."""

import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.launch import Forked, Process, Spawned

LONG = 60.0
"""Longest wait for a process, seconds; only a failing test takes so long."""


class Member:
    """A role of the installation and the process that has it at the moment."""

    def __init__(
        self, role: str, name: str, ready: str, environment: Mapping[str, str], folder: Path
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            role: api, worker or keeper.
            name: of its log and its figures.
            ready: the line of the log that says that it works.
            environment: RETUSCHE_* variables.
            folder: for its logs.
        """
        self.role, self.name, self.lives = role, name, 0
        self._ready_line = ready
        self._environment = environment
        self._folder = folder
        self._process: Process | None = None
        self._reader: threading.Thread | None = None
        self._heard = threading.Condition()
        self._lines: list[dict[str, Any]] = []
        self._is_open = False

    @property
    def life(self) -> str:
        """Name of the present life: a worker's id in the database."""
        return f"{self.name}.{self.lives}"

    @property
    def pid(self) -> int:
        """Of the process at hand.

        Raises:
            RuntimeError: there is none.
        """
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.is_alive()

    @property
    def is_ready(self) -> bool:
        """Whether it lives and has said that it works."""
        with self._heard:
            said = any(line["message"] == self._ready_line for line in self._lines)
        return said and self.is_running

    def start(self) -> None:
        """Begin a new life; returns at once."""
        self.lives += 1
        with self._heard:
            self._lines = []
            self._is_open = True
        launch = Spawned if self.role == "api" else Forked
        self._process = launch(self.role, self.life, self._environment)
        self._reader = threading.Thread(target=self._read, args=(self._process, self.life))
        self._reader.start()

    def wait_ready(self) -> None:
        """Wait until it works."""
        self.wait_for(self._ready_line)

    def wait_for(self, message: str) -> dict[str, Any]:
        """Return the first line of this life's log with a message.

        Raises:
            RuntimeError: it ended before.
            TimeoutError: it did not come.
        """
        with self._heard:
            came = self._heard.wait_for(
                lambda: self._found(message) is not None or not self._is_open, LONG
            )
            found = self._found(message)
        if found is not None:
            return found
        if came:
            raise RuntimeError(f"{self.life} ended before it logged {message!r}: {self._lines}")
        raise TimeoutError(f"{self.life} did not log {message!r}: {self._lines}")

    def fields_of(self, message: str, field: str) -> list[object]:
        """Return a field of every line of this life's log with a message."""
        with self._heard:
            return [line.get(field) for line in self._lines if line["message"] == message]

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP: a machine that hangs, and is not dead."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    def terminate(self) -> int:
        """SIGTERM; wait for the end and return the exit code."""
        return self._end(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        self._process.send(number)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send(number)
        code = self._process.wait(LONG)
        if code is None:
            self._process.send(signal.SIGKILL)
            self._process.wait()
        if self._reader is not None:
            self._reader.join()
        if code is None:
            raise TimeoutError(f"{self.life} did not end within {LONG:g} s; it was killed")
        return code

    def _found(self, message: str) -> dict[str, Any] | None:
        return next((line for line in self._lines if line["message"] == message), None)

    def _read(self, process: Process, life: str) -> None:
        with process.errors as errors, (self._folder / f"{life}.log").open("w") as log:
            for line in errors:
                log.write(line)
                with self._heard:
                    self._lines.append(_parsed(line))
                    self._heard.notify_all()
        with self._heard:
            self._is_open = False
            self._heard.notify_all()


def _parsed(line: str) -> dict[str, Any]:
    """Return a line of the log; what another library wrote counts as a message."""
    try:
        found = json.loads(line)
    except ValueError:
        return {"message": line.rstrip()}
    return found if isinstance(found, dict) else {"message": line.rstrip()}
