import asyncio
from typing import Any

import pytest
from aiohttp import web

from comfy_bridge.nodes.service.problems import Refused, Unreachable
from comfy_bridge.nodes.service.session import LONGEST_PAUSE, opened
from tests.comfy.nodes.conftest import scripted, to

PROBLEM = {
    "title": "Invalid parameters",
    "detail": "threshold must be less than 1",
    "code": "parameters-invalid",
    "retryable": False,
    "traceId": "4711",
    "errors": [{"pointer": "/steps/0/parameters/threshold", "detail": "2 is too large"}],
}


def test_a_problem_is_told_in_the_service_s_words_with_its_fields() -> None:
    async def run() -> str:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response(PROBLEM, status=422)

        async with scripted(answer) as session:
            with pytest.raises(Refused) as caught:
                await session.json("GET", "/v1/steps")
            assert session.pauses == []  # type: ignore[attr-defined]
            return str(caught.value)

    said = asyncio.run(run())
    assert "threshold must be less than 1 (422, parameters-invalid, trace 4711)" in said
    assert "/steps/0/parameters/threshold: 2 is too large" in said


@pytest.mark.parametrize("status", [429, 503])
def test_a_passing_fault_is_tried_again_when_the_service_says(status: int) -> None:
    async def run() -> tuple[Any, list[float]]:
        answers = iter([status, status, 200])

        async def answer(_: web.Request) -> web.Response:
            found = next(answers)
            body = {"detail": "later", "retryable": True} if found != 200 else {"well": True}
            return web.json_response(body, status=found, headers={"Retry-After": "20"})

        async with scripted(answer) as session:
            return await session.json("GET", "/"), session.pauses  # type: ignore[attr-defined]

    found, pauses = asyncio.run(run())
    assert found == {"well": True}
    assert pauses == [20.0, 20.0]


def test_a_proxy_s_502_is_tried_again_and_given_up_in_the_end() -> None:
    async def run() -> list[float]:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=502, text="<html>Bad Gateway</html>")

        async with scripted(answer, retries=8) as session:
            with pytest.raises(Refused, match="Bad Gateway"):
                await session.json("GET", "/")
            found: list[float] = session.pauses  # type: ignore[attr-defined]
            return found

    pauses = asyncio.run(run())
    assert len(pauses) == 8
    assert pauses[0] < pauses[3] < pauses[7] <= LONGEST_PAUSE


def test_a_service_that_is_down_is_named() -> None:
    async def run() -> None:
        async with opened(to("http://127.0.0.1:9", retries=0)) as session:
            await session.json("GET", "/v1/steps")

    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 does not answer"):
        asyncio.run(run())


def test_a_connection_that_breaks_off_is_made_again() -> None:
    async def run() -> bytes:
        calls = 0

        async def answer(request: web.Request) -> web.StreamResponse:
            nonlocal calls
            calls += 1
            if calls == 1:
                assert request.transport is not None
                request.transport.close()
            return web.Response(body=b"whole")

        async with scripted(answer) as session:
            return await session.content("/v1/files/1/content")

    assert asyncio.run(run()) == b"whole"


def test_what_is_no_json_is_said_to_be_no_service_of_ours() -> None:
    async def run() -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(text="<html>", content_type="text/html")

        async with scripted(answer) as session:
            await session.json("GET", "/v1/steps")

    with pytest.raises(Refused, match="no Retusche service"):
        asyncio.run(run())


def test_the_key_goes_to_the_service_and_nowhere_else() -> None:
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.json_response({})

    async def run() -> None:
        async with scripted(answer, key="rtk_1") as home, scripted(answer) as elsewhere:
            await home.json("GET", "/v1/steps")
            await home.content(elsewhere.connection.url + "/picture.png")

    asyncio.run(run())
    assert seen == ["Bearer rtk_1", None]


def test_a_withheld_key_is_the_reason_for_a_401() -> None:
    async def run() -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response({"detail": "who are you?"}, status=401)

        async with scripted(answer, withheld="https://images.example") as session:
            await session.json("GET", "/v1/steps")

    with pytest.raises(Refused, match=r"belongs to https://images\.example and is not sent"):
        asyncio.run(run())


def test_what_must_not_be_done_twice_is_not() -> None:
    calls = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.json_response({"detail": "busy"}, status=503)

    async def run() -> None:
        async with scripted(answer) as session:
            with pytest.raises(Refused):
                await session.json("POST", "/job/create", body={}, repeat=False)

    asyncio.run(run())
    assert calls == 1
