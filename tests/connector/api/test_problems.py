"""Errors that HTTP itself raises, and what every answer carries."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.connector.conftest import BODY_LIMIT
from tests.connector.problem import problem

pytestmark = pytest.mark.anyio
RUN = "/v1/steps/echo/run"


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1/steps/", "/docs", "/redoc", "/v1/steps/echo/run/"]
)
async def test_unknown_address(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), "not-found")


@pytest.mark.parametrize("path", ["/v1/steps/nope", "/v1/steps/nope/run"])
async def test_unknown_step(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.request("POST" if path.endswith("run") else "GET", path)
    assert "copy, echo, probe" in problem(answer, "step-unknown")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", RUN, "POST"),
        ("DELETE", "/v1/steps", "GET"),
        ("PUT", "/v1/jobs", "GET, POST"),
        ("OPTIONS", "/v1/files/X", "DELETE, GET"),
    ],
)
async def test_wrong_method(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert allowed in problem(answer, "method-not-allowed")["detail"]
    assert answer.headers["allow"] == allowed


async def test_nothing_acceptable(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(
        RUN, content=png, headers={"Content-Type": "image/png", "Accept": "text/html"}
    )
    problem(answer, "not-acceptable")


async def test_a_declared_length_over_the_limit_is_refused_unread(
    client: httpx.AsyncClient,
) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(True)
        yield b"x"

    headers = {"Content-Type": "image/png", "Content-Length": str(BODY_LIMIT + 1)}
    answer = await client.post(RUN, content=body(), headers=headers)
    assert f"{BODY_LIMIT:,} bytes" in problem(answer, "body-too-large")["detail"]
    assert read == []


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (RUN, "image/png"),
        (RUN, "application/json"),
        (RUN, "multipart/form-data; boundary=b"),
        ("/v1/files", "image/png"),
        ("/v1/files", "multipart/form-data; boundary=b"),
        ("/v1/jobs", "application/json"),
    ],
)
async def test_an_undeclared_length_is_cut_while_it_streams(
    client: httpx.AsyncClient, path: str, content_type: str
) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        yield head if content_type.startswith("multipart") else b""
        while sent < 100 * BODY_LIMIT:
            sent += 1000
            yield b"x" * 1000

    answer = await client.post(path, content=body(), headers={"Content-Type": content_type})
    problem(answer, "body-too-large")
    assert sent <= BODY_LIMIT + 1000


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil", "0.0.0.0", ""]
)
async def test_a_foreign_host_is_refused(client: httpx.AsyncClient, host: str) -> None:
    problem(await client.get("/v1/steps", headers={"Host": host}), "host-refused")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "[::1]"]
)
async def test_a_loopback_host_is_served(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/v1/steps", headers={"Host": host})).status_code == 200


async def test_the_caller_s_trace_is_kept(client: httpx.AsyncClient) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = await client.get("/nothing", headers=headers)
    assert problem(answer, "not-found")["traceId"] == trace


@pytest.mark.parametrize("given", ["", "junk", f"00-{'0' * 32}-00f067aa0ba902b7-01", "00-ABC-1-01"])
async def test_a_trace_that_is_none_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    first, second = [
        (await client.get("/v1/steps", headers={"traceparent": given})).headers["retusche-trace-id"]
        for _ in range(2)
    ]
    assert first != second
    assert len(first) == 32
    assert set(first) != {"0"}


async def test_no_other_origin_is_let_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/steps", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
