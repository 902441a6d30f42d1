"""Doorbells through a folder: Celery's filesystem transport, made whole.

kombu's own lets a reader see a file before its content is written, and moves what it takes through the
system's temporary folder, which may lie on another disk. Here a message appears and is taken by a rename, and
a named pipe beside the folder wakes who listens. The pipe may lose a byte and the folder loses no message, so
listeners also look by themselves; where there are no named pipes (Windows, some network disks) they do nothing else.
"""

import os
import select
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

SUFFIX = "msg"
WRITING = "writing"
PIPE = "bell"
WOKEN_SECONDS = 0.25
"""Between two looks into the folder where a pipe tells when to look."""


class Channel(filesystem.Channel):  # type: ignore[misc]  # kombu has no types
    """Messages as files `<time>_<id>.<queue>.msg`, oldest first."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}"
        half = folder / f"{name}.{WRITING}"
        half.write_text(dumps(payload))
        half.rename(folder / f"{name}.{SUFFIX}")
        self.connection.wake()

    def _get(self, queue: str) -> Any:
        wanted = f"{queue}.{SUFFIX}"
        for name in sorted(os.listdir(self.data_folder_in)):  # noqa: PTH208 - every few ms: names alone
            if name.partition(".")[2] != wanted:
                continue
            taken = Path(self.processed_folder, name)
            try:
                Path(self.data_folder_in, name).rename(taken)
            except FileNotFoundError:  # another worker was first
                continue
            try:
                return loads(taken.read_text())
            finally:
                taken.unlink()
        raise Empty


class Transport(filesystem.Transport):  # type: ignore[misc]
    """The filesystem transport with these messages, and a wait that costs nothing while there are none."""

    Channel = Channel

    def __init__(self, client: Any, **options: Any) -> None:
        """Prepare; the pipe is opened at the first message or wait."""
        super().__init__(client, **options)
        self._pipe: int | None = None

    def wake(self) -> None:
        """Let those look who listen."""
        pipe = self._opened()
        if pipe is not None:
            with suppress(BlockingIOError):  # it is full: they are woken already
                os.write(pipe, b"!")

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Hand the next message on.

        Raises:
            TimeoutError: none came within the time.
        """
        folder = self.client.transport_options["data_folder_in"]
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            # kombu's own round through channels and queues takes twenty times as long as this.
            if os.listdir(folder):  # noqa: PTH208 - names alone
                with suppress(TimeoutError):  # only messages of queues that others listen to
                    super().drain_events(connection, timeout=0)
                    return
            if end is not None and time.monotonic() >= end:
                raise TimeoutError
            self._wait(None if end is None else end - time.monotonic())

    def close_connection(self, connection: Any) -> None:
        """Close the pipe, too."""
        super().close_connection(connection)
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def _wait(self, most: float | None) -> None:
        pipe = self._opened()
        pause = self.polling_interval if pipe is None else WOKEN_SECONDS
        pause = pause if most is None else max(0.0, min(pause, most))
        if pipe is None:
            time.sleep(pause)
        elif select.select([pipe], [], [], pause)[0]:
            with suppress(BlockingIOError):  # another listener took the byte; all are woken by one
                os.read(pipe, 1)

    def _opened(self) -> int | None:
        if self._pipe is None and hasattr(os, "mkfifo"):
            path = Path(self.client.transport_options["data_folder_in"]).with_name(PIPE)
            with suppress(OSError):
                if not path.exists():
                    with suppress(FileExistsError):  # made by another process meanwhile
                        os.mkfifo(path, 0o600)
                # For reading and writing: neither end must wait for the other to be there.
                self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        return self._pipe
