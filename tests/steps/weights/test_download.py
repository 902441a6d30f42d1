import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from steps import weights
from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights import HubSource, UrlSource
from tests.steps.weights.conftest import CONTENT, entry

Known = Callable[..., None]


FILES = {
    "/owner/model/resolve/0a1b/a%20b.bin": (200, CONTENT, len(CONTENT)),
    "/cut.bin": (200, CONTENT[:5], len(CONTENT)),
    "/long.bin": (200, CONTENT + b"!", len(CONTENT) + 1),
    "/other.bin": (200, CONTENT[::-1], len(CONTENT)),
}
"""Status, body and declared length by path."""


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body, length = FILES.get(self.path, (404, b"", 0))
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


HUB = HubSource(repo="owner/model", revision="0a1b", file="a b.bin")


def test_a_hubs_file_is_fetched_from_the_endpoint(
    server: str, environment: Environment, known: Known
) -> None:
    known(entry(source=HUB))
    seen: list[tuple[str, int, int]] = []
    here = replace(environment, hub_endpoint=server)
    path = weights.pull("tiny", here, lambda *now: seen.append(now))
    assert path.read_bytes() == CONTENT
    assert seen == [("tiny.bin", len(CONTENT), len(CONTENT))]


def test_the_endpoint_is_a_setting() -> None:
    assert Environment.from_env({"HF_ENDPOINT": "https://hub.example/"}).hub_endpoint == (
        "https://hub.example"
    )


@pytest.mark.parametrize(
    ("path", "raised"),
    [
        ("/gone.bin", pytest.raises(WeightsMissing, match="answered 404")),
        ("/cut.bin", pytest.raises(WeightsMissing, match="broke off after 5 of 20 bytes")),
        ("/long.bin", pytest.raises(WeightsInvalid, match="more than the pinned 20 bytes")),
        ("/other.bin", pytest.raises(WeightsInvalid, match="gave another file")),
    ],
)
def test_a_bad_answer_leaves_nothing(
    path: str,
    raised: AbstractContextManager[object],
    server: str,
    environment: Environment,
    known: Known,
) -> None:
    known(entry(source=UrlSource(server + path)))
    with raised:
        weights.pull("tiny", environment)
    assert [p for p in environment.weights_dir.rglob("*") if p.is_file()] == []


def test_an_unreachable_hub_says_what_to_do(environment: Environment, known: Known) -> None:
    known(entry(source=HUB))
    # Port 1 of the loopback: refused at once, without a network.
    with pytest.raises(WeightsMissing) as caught:
        weights.pull("tiny", replace(environment, hub_endpoint="http://127.0.0.1:1"))
    detail = caught.value.detail
    assert "cannot be reached" in detail
    assert "HF_ENDPOINT" in detail
    assert f"put tiny.bin (SHA-256 {entry().sha256}" in detail


def test_other_schemes_are_refused(tmp_path: Path, environment: Environment, known: Known) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(CONTENT)
    known(entry(source=UrlSource(secret.as_uri())))
    with pytest.raises(WeightsMissing, match="must be an http or https address"):
        weights.pull("tiny", environment)
