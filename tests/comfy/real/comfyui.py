"""A real ComfyUI in a process of its own, on a CPU, with a base folder of its own and nothing but our nodes.

Where it lies is the user's to say: RETUSCHE_COMFYUI names one checkout, or several with the system's
path separator between them; RETUSCHE_COMFYUI_PYTHON the interpreter that has its requirements.
"""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import numpy as np
import numpy.typing as npt
from PIL import Image

NODES = Path(__file__).parents[3] / "comfy_bridge" / "nodes"
STARTING_SECONDS = 180.0
PROMPT_SECONDS = 120.0
Graph = dict[str, dict[str, Any]]
"""A workflow in API format."""


def checkouts() -> list[Path]:
    """Return the ComfyUI checkouts to test against; none unless the user names some."""
    named = os.environ.get("RETUSCHE_COMFYUI", "")
    return [Path(each) for each in named.split(os.pathsep) if each]


class ComfyUI:
    """Starts at `with`, ready when inside, gone afterwards."""

    def __init__(self, checkout: Path, environment: Mapping[str, str]) -> None:
        self.checkout, self._environment = checkout, environment
        self._base = tempfile.TemporaryDirectory(prefix="comfyui-")

    def __enter__(self) -> Self:
        base = Path(self._base.name)
        for name in ("custom_nodes", "input", "output", "temp", "user"):
            (base / name).mkdir()
        (base / "custom_nodes" / "retusche").symlink_to(NODES)
        self.user = base / "user"
        port = _free_port()
        self._log = (base / "log.txt").open("w+")
        python = os.environ.get("RETUSCHE_COMFYUI_PYTHON", sys.executable)
        self._process = subprocess.Popen(
            [
                *(python, "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(port)),
                *("--base-directory", str(base), "--disable-api-nodes"),
                *("--preview-method", "none"),
            ],
            cwd=self.checkout,
            env={**os.environ, "HF_HUB_OFFLINE": "1", **self._environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        self.url = str(self.http.base_url)
        self._until_it_answers()
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
            self._process.wait(30)
        finally:
            self._process.kill()
            self._log.close()
            self._base.cleanup()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()

    def upload(self, picture: npt.NDArray[np.uint8]) -> str:
        """Send a picture and return the name that LoadImage takes."""
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
        files = {"image": (f"{uuid.uuid4().hex}.png", buffer.getvalue(), "image/png")}
        return str(self.http.post("/upload/image", files=files).raise_for_status().json()["name"])

    def queue(self, graph: Graph) -> str:
        """Queue a graph and return its id; a graph that is not accepted whole fails."""
        body = {"prompt": graph, "client_id": "test", "prompt_id": str(uuid.uuid4())}
        answer = self.http.post("/prompt", json=body)
        assert answer.status_code == 200, answer.text
        assert not answer.json()["node_errors"], answer.text
        return str(answer.json()["prompt_id"])

    def ended(self, prompt_id: str) -> dict[str, Any]:
        """Wait for a prompt's end and return its history."""
        until = time.monotonic() + PROMPT_SECONDS
        while time.monotonic() < until:
            found = self.http.get(f"/history/{prompt_id}").json()
            if prompt_id in found:
                history: dict[str, Any] = found[prompt_id]
                return history
            time.sleep(0.1)  # it offers nothing to wait on but a websocket
        raise AssertionError(f"the prompt has not ended within {PROMPT_SECONDS} s: {self.log()}")

    def run(self, graph: Graph) -> dict[str, list[npt.NDArray[np.uint8]]]:
        """Run a graph that succeeds and return the pictures of each node that saved some."""
        history = self.ended(self.queue(graph))
        assert history["status"]["status_str"] == "success", _errors(history)
        return {
            node: [self._viewed(each) for each in output["images"]]
            for node, output in history["outputs"].items()
            if "images" in output
        }

    def fail(self, graph: Graph) -> dict[str, Any]:
        """Run a graph that fails and return what ComfyUI says of the error."""
        history = self.ended(self.queue(graph))
        errors = [said for kind, said in history["status"]["messages"] if kind == "execution_error"]
        assert errors, history["status"]
        error: dict[str, Any] = errors[0]
        return error

    def log(self) -> str:
        """Return the end of what it printed."""
        self._log.flush()
        return Path(self._log.name).read_text("utf-8", "replace")[-4000:]

    def _viewed(self, saved: Mapping[str, str]) -> npt.NDArray[np.uint8]:
        content = self.http.get("/view", params=dict(saved)).raise_for_status().content
        return np.asarray(Image.open(io.BytesIO(content)))

    def _until_it_answers(self) -> None:
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until:
            assert self._process.poll() is None, self.log()
            try:
                self.version = self.http.get("/system_stats").json()["system"]["comfyui_version"]
            except (httpx.TransportError, ValueError):
                time.sleep(0.2)
            else:
                return
        raise AssertionError(f"ComfyUI does not answer: {self.log()}")


def _errors(history: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what failed, without the inputs, which hold whole tensors."""
    return [
        {name: said[name] for name in ("node_id", "node_type", "exception_message", "traceback")}
        for kind, said in history["status"]["messages"]
        if kind == "execution_error"
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
