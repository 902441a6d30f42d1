"""The routes, one by one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest

from comfy_bridge.client.errors import AnswerUnexpected, ServerUnreachable
from comfy_bridge.client.history import FileRef, outputs_of
from comfy_bridge.client.server import Server, connected
from tests.comfy.client.conftest import PICTURE, graph_of
from tests.comfy.fake.server import FakeServer
from tests.steps.samples import photo, png

T = TypeVar("T")


def ask(comfy: FakeServer, call: Callable[[Server], Awaitable[T]]) -> T:
    async def asked() -> T:
        async with connected(comfy.url) as server:
            return await call(server)

    return asyncio.run(asked())


def upload(comfy: FakeServer, content: bytes) -> str:
    return ask(comfy, lambda server: server.upload(content, filename="b.png", subfolder="ours"))


def test_an_upload_goes_by_the_name_that_the_server_gives_it(comfy: FakeServer) -> None:
    assert upload(comfy, PICTURE) == "ours/b.png"
    assert upload(comfy, PICTURE) == "ours/b.png"
    assert upload(comfy, png(photo((9, 9)))) == "ours/b (1).png"


def test_an_upload_that_is_not_taken_is_told(comfy: FakeServer) -> None:
    with pytest.raises(AnswerUnexpected, match="/upload/image answers 400"):
        ask(comfy, lambda server: server.upload(PICTURE, filename="b.png", subfolder="../.."))


def test_a_download_is_limited_while_it_is_read(comfy: FakeServer) -> None:
    comfy.fake.folders.files["output", "", "c.png"] = b"12345"
    file = FileRef("c.png")
    assert ask(comfy, lambda server: server.download(file, max_bytes=5)) == b"12345"
    with pytest.raises(AnswerUnexpected, match="larger than 4 bytes"):
        ask(comfy, lambda server: server.download(file, max_bytes=4))


def test_a_file_that_is_gone_is_told(comfy: FakeServer) -> None:
    with pytest.raises(AnswerUnexpected, match="/view answers 404"):
        ask(comfy, lambda server: server.download(FileRef("no.png"), max_bytes=9))


def test_the_queue_is_in_the_order_of_its_numbers(comfy: FakeServer) -> None:
    comfy.fake.executor.paused = True
    for name in ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"):
        ask(comfy, lambda s, n=name: s.submit(graph_of(), prompt_id=n, client_id=""))  # type: ignore[misc]
    queue = ask(comfy, lambda server: server.queue())
    assert [each[-1] for each in queue.pending] == ["1", "2"]
    assert queue.length == 2


def test_a_prompt_that_has_not_ended_has_no_history(comfy: FakeServer) -> None:
    assert ask(comfy, lambda server: server.history("nothing")) is None


def test_nobody_there_is_told_with_host_and_port() -> None:
    async def asked() -> None:
        async with connected("http://user:secret@127.0.0.1:9") as server:
            await server.version()

    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:9") as caught:
        asyncio.run(asked())
    assert "secret" not in str(caught.value)


def test_an_answer_that_is_no_json_is_told() -> None:
    async def asked() -> None:
        answer = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
        async with httpx.AsyncClient(transport=answer, base_url="http://proxy") as http:
            await Server("http://proxy", http).queue()

    with pytest.raises(AnswerUnexpected, match="no JSON from /queue"):
        asyncio.run(asked())


def test_an_old_history_without_a_status_is_a_success() -> None:
    entry = {"outputs": {"3": {"images": [{"filename": "a.png"}], "text": ["?"]}}, "status": None}
    assert outputs_of(entry) == {"3": (FileRef("a.png"),)}
