"""The callers of the load benchmark, against a server that answers as it is told."""

import asyncio
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from benchmarks.load.callers import HEIGHT, WIDTH, Plan, photo, poll, upload


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/v1/jobs/A" else 404, b"{}")

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        while size:
            size -= len(self.rfile.read(min(size, 65536)))
        self.answer(201, json.dumps({"id": "F"}).encode())

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def plan(port: int, *jobs: str) -> Plan:
    return Plan(port=port, seconds=0.1, callers=2, pause=0.01, jobs=jobs)


def test_who_polls_measures_each_answer(port: int) -> None:
    found = asyncio.run(poll(plan(port, "A")))
    assert len(found.milliseconds) >= 2
    assert found.errors == []


def test_an_answer_that_is_no_job_is_an_error(port: int) -> None:
    found = asyncio.run(poll(plan(port, "B")))
    assert len(found.errors) == len(found.milliseconds)
    assert found.errors[0] == "GET /v1/jobs/B: 404"


def test_a_port_where_nobody_listens_is_an_error() -> None:
    assert "Connect" in asyncio.run(poll(plan(1, "A"))).errors[0]


def test_who_uploads_sends_a_photo_each_time(port: int) -> None:
    found = asyncio.run(upload(plan(port)))
    assert found.errors == []
    assert found.sent_bytes > len(photo()) * len(found.milliseconds)


def test_the_photo_has_twelve_megapixels() -> None:
    with Image.open(io.BytesIO(photo())) as picture:
        assert picture.size == (WIDTH, HEIGHT)
