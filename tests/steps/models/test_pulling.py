"""Fetching models from a hub, played by a server that answers as a hub's documentation says."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from steps import models
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.models import HubSource, Model, UrlSource

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"config.json": b'{"a": 1}', "model.safetensors": b"weights", "model.bin": b"pickle"}


class Hub(BaseHTTPRequestHandler):
    """The calls that a snapshot makes: what a revision is, what is in it, and each file."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if "/owner/name/tree/" in self.path:
            rows = [
                {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                for name, content in FILES.items()
            ]
            self._answer(json.dumps(rows).encode(), "application/json")
            return
        if self.path.startswith("/api/models/owner/name"):
            names = ", ".join(f'{{"rfilename": "{name}"}}' for name in FILES)
            body = f'{{"id": "owner/name", "sha": "{COMMIT}", "siblings": [{names}]}}'.encode()
            self._answer(body, "application/json")
            return
        name = self.path.rpartition("/")[2]
        if name in FILES:
            self._answer(FILES[name], "application/octet-stream")
        else:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def hub() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def environment(tmp_path: Path, server: ThreadingHTTPServer) -> Environment:
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    return Environment(weights_dir=tmp_path / "weights", hub_endpoint=endpoint)


def hub_model(name: str = "owner/name") -> Model:
    source = HubSource(hub=name, revision=COMMIT)
    return Model(name="m", backend="lama", licence="MIT", source=source)


def url_model(server: ThreadingHTTPServer, content: bytes) -> Model:
    url = f"http://127.0.0.1:{server.server_address[1]}/x/model.safetensors"
    digest = hashlib.sha256(content).hexdigest()
    source = UrlSource(url=url, sha256=digest, size_bytes=len(content))
    return Model(name="m", backend="lama", licence="MIT", source=source)


@pytest.mark.torch
def test_a_snapshot_comes_whole_from_a_mirror_without_its_pickles(
    tmp_path: Path, hub: ThreadingHTTPServer
) -> None:
    here = environment(tmp_path, hub)
    located = models.pull(hub_model(), here)
    assert {path.name for path in located.files} == {"config.json", "model.safetensors"}
    assert not any("model.bin" in path for path in hub.asked)  # type: ignore[attr-defined]
    before = len(hub.asked)  # type: ignore[attr-defined]
    assert models.pull(hub_model(), here) == located
    assert len(hub.asked) == before  # type: ignore[attr-defined]
    assert [path.name for path in located.path.parent.iterdir()] == [COMMIT[:12]]


@pytest.mark.torch
def test_a_hub_that_is_not_there_leaves_nothing_and_says_what_to_do(
    tmp_path: Path, hub: ThreadingHTTPServer
) -> None:
    here = environment(tmp_path, hub)
    with pytest.raises(WeightsMissing, match="HF_ENDPOINT") as caught:
        models.pull(hub_model("owner/absent"), here)
    assert "RETUSCHE_MODELS_FILE" in caught.value.detail
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_a_file_comes_from_a_url_and_is_checked(tmp_path: Path, hub: ThreadingHTTPServer) -> None:
    here = environment(tmp_path, hub)
    located = models.pull(url_model(hub, FILES["model.safetensors"]), here)
    assert located.path.read_bytes() == b"weights"
    (tmp_path / "other").mkdir()
    with pytest.raises(WeightsInvalid):
        models.pull(url_model(hub, b"weightz"), environment(tmp_path / "other", hub))
