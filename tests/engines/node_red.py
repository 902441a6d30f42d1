"""Node-RED as a process of its own, on loopback, with a folder of its own."""

import json
import queue
import socket
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.connector.fifo import LONG

SETTINGS = """
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: %d,
    credentialSecret: "of a test",
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: "info", metrics: false, audit: false } },
};
"""


class NodeRed:
    """Starts at `with`; gone afterwards."""

    def __init__(self, program: Path, folder: Path) -> None:
        """Prepare.

        Args:
            program: where it is installed.
            folder: empty; for its settings and flows.
        """
        self._program, self._folder = program, folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.log: list[str] = []

    def __enter__(self) -> Self:
        (self._folder / "settings.js").write_text(SETTINGS % self.port)
        red = self._program / "node_modules" / "node-red" / "red.js"
        self._process = subprocess.Popen(
            ["node", str(red), "--userDir", str(self._folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._wait_for("Started flows")
        self.http = httpx.Client(base_url=self.url, timeout=LONG)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
        self._process.terminate()
        try:
            self._process.wait(LONG)
        finally:
            self._process.kill()
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def load(self, flow_files: list[Path], environment: Mapping[str, str]) -> None:
        """Import flows as a person does: variables of the tabs filled in, nothing else touched."""
        nodes = [node for path in flow_files for node in json.loads(path.read_text())]
        for node in nodes:
            if node["type"] == "tab":
                _fill_in(node, environment)
        headers = {"Node-RED-API-Version": "v2", "Node-RED-Deployment-Type": "full"}
        answer = self.http.post("/flows", json={"flows": nodes}, headers=headers)
        assert answer.status_code == 200, answer.text
        self._wait_for("Started flows")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for(self, words: str) -> None:
        while True:
            line = self._lines.get(timeout=LONG)
            assert line is not None, f"Node-RED ended: {''.join(self.log)}"
            self.log.append(line)
            assert "missing types" not in line, "".join(self.log)
            if words in line:
                return


def _fill_in(tab: dict[str, Any], environment: Mapping[str, str]) -> None:
    for variable in tab["env"]:
        value = environment.get(variable["name"], variable["value"])
        if variable["type"] == "cred":
            tab.setdefault("credentials", {})[variable["name"]] = value
        else:
            variable["value"] = value


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
