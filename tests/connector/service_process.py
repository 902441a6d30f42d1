"""A service in a process of its own, on a free loopback port."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.connector.fifo import LONG

ROOT = Path(__file__).parents[2]
SAMPLES = ("-m", "tests.connector.serve_samples")
AS_INSTALLED = ("-c", "from connector.cli import main; main()", "serve")
"""What `retusche serve` runs."""


class ServiceProcess:
    """Starts at `with`, ready when inside, gone afterwards. Its log can be waited on."""

    def __init__(self, command: Sequence[str] = SAMPLES, **settings: object) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="retusche-")
        usual = {"port": 0, "warm": 0, "data_dir": self._folder.name}
        self._environment = os.environ | {
            f"RETUSCHE_{name.upper()}": str(value) for name, value in (usual | settings).items()
        }
        self._command = command
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.log: list[dict[str, Any]] = []
        """What `wait_for` has read so far."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, *self._command],
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.port: int = self.wait_for("listening")["port"]
        self.wait_for("a worker process is ready")
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=LONG)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(LONG)
        finally:
            self.process.kill()
            self._reader.join()
            assert self.process.stderr is not None
            self.process.stderr.close()
            self._folder.cleanup()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def wait_for(self, message: str, **fields: object) -> dict[str, Any]:
        """Return the next line of the log with this message and these fields."""
        while True:
            line = self._lines.get(timeout=LONG)
            assert line is not None, f"the service ended before it logged {message!r}: {self.log}"
            self.log.append(line)
            if line["message"] == message and fields.items() <= line.items():
                return line
