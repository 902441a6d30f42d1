"""The images' health check, run as a container would run it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.operations.files import ROOT

CHECK = (sys.executable, str(ROOT / "docker" / "healthcheck.py"))


class _Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/live" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), _Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _check(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHECK, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def test_a_service_that_answers_is_well(port: int) -> None:
    assert _check("http", RETUSCHE_PORT=str(port)).returncode == 0


def test_a_proxy_is_not_asked(port: int) -> None:
    assert _check("http", RETUSCHE_PORT=str(port), http_proxy="http://127.0.0.1:1").returncode == 0


def test_a_service_that_answers_with_an_error_is_unwell(port: int) -> None:
    done = _check("http", f"http://127.0.0.1:{port}/health/ready")
    assert done.returncode == 1
    assert "503" in done.stderr


def test_nobody_listens(port: int) -> None:
    with HTTPServer(("127.0.0.1", 0), _Service) as closed:
        unused = closed.server_port
    assert _check("http", RETUSCHE_PORT=str(unused)).returncode == 1


WORD = f"worker-{os.getpid()}"
Process = subprocess.Popen[str]


@contextmanager
def _running(*program: str) -> Iterator[Process]:
    """A process with a worker's arguments, from when it says that it is up."""
    code = "import sys; print('up', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [*program, "-c", code, "/opt/retusche/bin/retusche", WORD],
        executable=sys.executable,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_process_that_runs_is_well() -> None:
    with _running(sys.executable):
        assert _check("process", "retusche", WORD).returncode == 0
        assert _check("process", "retusche", f"{WORD}-another").returncode == 1


def test_its_parent_tini_does_not_count() -> None:
    with _running("tini"):
        assert _check("process", "retusche", WORD).returncode == 1


def test_a_process_that_is_stopped_is_unwell() -> None:
    with _running(sys.executable) as process:
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)  # returns when it has stopped
        done = _check("process", "retusche", WORD)
    assert done.returncode == 1
    assert WORD in done.stderr


@pytest.mark.parametrize("arguments", [(), ("process",), ("tcp", "5432")])
def test_misuse_is_told(arguments: tuple[str, ...]) -> None:
    done = _check(*arguments)
    assert done.returncode == 2
    assert "healthcheck.py http" in done.stderr
