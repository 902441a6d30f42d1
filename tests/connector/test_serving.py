"""The service as a process: what only a real server and real sockets show."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from connector.serving import listen
from tests.connector.fifo import LONG, Fifo
from tests.connector.problem import problem
from tests.connector.service_process import ROOT, ServiceProcess

PNG = {"Content-Type": "image/png"}
ECHO = "/v1/steps/echo/run"
PROBE = "/v1/steps/probe/run"
BODY_LIMIT = 3_000_000


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceProcess]:
    with ServiceProcess(max_body_bytes=BODY_LIMIT) as running:
        yield running


def raw_post(service: ServiceProcess, target: str, body: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", service.port), LONG)
    head = (
        f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def test_a_picture_makes_the_round(service: ServiceProcess, png: bytes) -> None:
    answer = service.http.post(ECHO, content=png, headers=PNG)
    assert (answer.status_code, answer.content) == (200, png)
    assert service.http.get("/health/ready").status_code == 200


def test_eight_requests_at_once_each_get_their_own(service: ServiceProcess, png: bytes) -> None:
    def ask(number: int) -> int:
        parameters = {"seed": str(number), "note": "x" * number}
        headers = PNG | {"Accept": "application/json"}
        answer = service.http.post(ECHO, content=png, params=parameters, headers=headers)
        seed: int = answer.json()["report"]["seed"]
        return seed

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == list(range(8))


def test_a_client_that_leaves_stops_the_work(
    service: ServiceProcess, fifo: Fifo, png: bytes
) -> None:
    connection = raw_post(service, f"{PROBE}?notify={fifo}", png)
    worker = fifo.started()
    connection.close()
    assert fifo.line() == "cancelled"
    service.wait_for("request", path=PROBE, status=499)
    answer = service.http.post(ECHO, content=png, headers=PNG | {"Accept": "application/json"})
    assert answer.json()["report"]["workerPid"] == worker


def test_a_client_that_leaves_while_sending_is_no_error(service: ServiceProcess) -> None:
    connection = socket.create_connection(("127.0.0.1", service.port), LONG)
    head = f"POST {ECHO} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\n"
    connection.sendall(head.encode() + b"half")
    connection.close()
    service.wait_for("the client left while it sent the body")
    assert "error" not in {line["level"] for line in service.log}


@pytest.mark.slow
def test_a_picture_that_kills_every_worker_fails_and_harms_no_other(fifo: Fifo, png: bytes) -> None:
    with ServiceProcess(lease_seconds=2, max_attempts=2) as service:
        target = f"{PROBE}?behaviour=die&notify={fifo}"
        body = problem(service.http.post(target, content=png, headers=PNG), "worker-lost")
        assert body["retryable"] is True
        assert body["jobId"]
        assert fifo.started() != fifo.started()
        service.wait_for("request", code="worker-lost", traceId=body["traceId"])
        assert service.http.post(ECHO, content=png, headers=PNG).content == png


@pytest.mark.slow
def test_a_body_that_does_not_go_on_is_given_up() -> None:
    with ServiceProcess(body_idle_seconds=0.2) as service:
        with socket.create_connection(("127.0.0.1", service.port), LONG) as connection:
            head = f"POST {ECHO} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            connection.sendall(f"{head}Content-Length: 99\r\n\r\nhalf".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))  # until it closes
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"body-stalled"' in answer


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "streamed"])
def test_a_huge_body_is_refused_and_the_connection_survives(
    service: ServiceProcess, declared: bool
) -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(200):
            yield bytes(100_000)

    content = b"".join(stream()) if declared else stream()
    problem(service.http.post(ECHO, content=content, headers=PNG), "body-too-large")
    assert service.http.get("/health/live").status_code == 200


@pytest.mark.slow
def test_no_result_in_time_leaves_a_job(fifo: Fifo, png: bytes) -> None:
    with ServiceProcess(run_timeout_seconds=1) as service:
        answer = service.http.post(f"{PROBE}?notify={fifo}", content=png, headers=PNG)
        fifo.started()
        assert answer.status_code == 202
        assert answer.json()["status"] in ("QUEUED", "RUNNING")
        address = answer.headers["location"]
        assert service.http.post(f"{address}/cancel").status_code in (200, 202)
        assert fifo.line() == "cancelled"
        ended = service.http.get(address, headers={"Prefer": "wait=60"})
        assert ended.json()["status"] == "CANCELLED"


@pytest.mark.slow
def test_sigterm_lets_the_work_end_within_its_time(fifo: Fifo, png: bytes) -> None:
    with ServiceProcess(shutdown_seconds=1) as service:
        connection = raw_post(service, f"{PROBE}?notify={fifo}", png)
        worker = fifo.started()
        service.process.terminate()
        assert fifo.line() == "cancelled"
        service.process.wait(LONG)
        connection.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


@pytest.mark.slow
def test_a_stream_of_events_does_not_hold_up_the_end(fifo: Fifo, png: bytes) -> None:
    with ServiceProcess(run_timeout_seconds=1, shutdown_seconds=LONG) as service:
        job = service.http.post(f"{PROBE}?notify={fifo}", content=png, headers=PNG)
        fifo.started()
        address = job.headers["location"]
        with service.http.stream("GET", f"{address}/events") as events:
            lines = events.iter_lines()
            assert next(lines).startswith("id:")
            service.process.terminate()
            for _ in lines:
                pass
        assert service.process.wait(LONG / 2) is not None


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_service(fifo: Fifo, png: bytes) -> None:
    with ServiceProcess() as service:
        connection = raw_post(service, f"{PROBE}?notify={fifo}", png)
        fifo.started()
        service.process.kill()
        assert fifo.line() == "cancelled"
        connection.close()


@pytest.mark.slow
def test_a_remote_address_is_refused_with_the_reason() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.connector.serve_samples"],
        cwd=ROOT,
        env=os.environ | {"RETUSCHE_HOST": "0.0.0.0"},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode != 0
    assert "without API keys" in done.stderr


@pytest.mark.slow
def test_the_ipv6_loopback_is_served() -> None:
    with ServiceProcess(host="::1") as service:
        answer = httpx.get(f"http://[::1]:{service.port}/v1/steps", timeout=LONG)
        assert answer.status_code == 200


def test_a_client_that_asks_first_need_not_send_a_huge_body(service: ServiceProcess) -> None:
    with socket.create_connection(("127.0.0.1", service.port), LONG) as connection:
        head = (
            f"POST {ECHO} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            f"Content-Length: {BODY_LIMIT + 1}\r\nExpect: 100-continue\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"],
    ids=["tls", "version", "header"],
)
def test_what_is_no_http_gets_a_problem_and_no_more(service: ServiceProcess, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", service.port), LONG) as connection:
        connection.sendall(sent)
        head, _, body = b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head.lower()
    found = json.loads(body)
    assert (found["code"], found["status"], len(found["traceId"])) == ("http-malformed", 400, 32)


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what makes asyncio set TCP_NODELAY
