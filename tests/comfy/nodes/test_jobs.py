import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from comfy_bridge.nodes.service import jobs
from comfy_bridge.nodes.service.events import Event, events
from comfy_bridge.nodes.service.problems import WorkFailed
from tests.comfy.nodes.conftest import scripted


async def lines(text: str) -> AsyncIterator[bytes]:
    for line in text.splitlines(keepends=True):
        yield line.encode()


def test_events_are_read_and_an_unfinished_one_is_not_given() -> None:
    text = (
        ": keep-alive\n\n"
        'id: 4\nevent: item.progress\ndata: {"progress": 0.5}\n\n'
        "id: 5\ndata: no json\n\n"
        'id: 6\nevent: job.finished\ndata: {"a": 1}\n'
    )

    async def run() -> list[Event]:
        return [event async for event in events(lines(text))]

    assert asyncio.run(run()) == [
        Event("4", "item.progress", {"progress": 0.5}),
        Event("5", "message", {}),
    ]


def followed(streams: list[str], job: list[dict[str, Any]]) -> tuple[list[str], list[Any]]:
    """Follow a job whose stream says these things, one after another, and that looks like this."""
    heard: list[str] = []
    asked: list[Any] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            asked.append(request.path)
            return web.json_response({})
        if request.path.endswith("/events"):
            asked.append(request.headers.get("Last-Event-ID"))
            if not streams:
                return web.json_response({"detail": "gone", "retryable": True}, status=503)
            return web.Response(text=streams.pop(0), content_type="text/event-stream")
        return web.json_response(job.pop(0) if len(job) > 1 else job[0])

    async def run() -> None:
        async with scripted(answer) as session:
            await jobs.finished(session, "J", lambda event: heard.append(event.type))

    asyncio.run(run())
    return heard, asked


def event(number: int, kind: str) -> str:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps({'itemId': '1'})}\n\n"


def test_a_stream_that_breaks_off_goes_on_behind_what_was_heard() -> None:
    heard, asked = followed(
        [event(1, "item.started") + event(2, "item.progress"), event(3, "job.finished")],
        [{"status": "RUNNING"}, {"status": "FINISHED"}],
    )
    assert heard == ["item.started", "item.progress", "job.finished"]
    assert asked == [None, "2"]


def test_where_no_stream_comes_the_job_itself_is_asked() -> None:
    heard, asked = followed([], [{"status": "RUNNING"}, {"status": "FINISHED"}])
    assert heard == []
    assert asked == [None, None]


def test_items_that_failed_for_a_passing_reason_run_again() -> None:
    lost = {"id": "J", "status": "FAILED", "error": {"code": "worker-lost", "detail": "gone"}}
    _, asked = followed([], [lost, {"status": "FINISHED"}])
    assert asked == [None, "/v1/jobs/J/retry", None]


def test_a_failure_says_how_many_failed_and_why() -> None:
    job = {
        "id": "J",
        "status": "FAILED",
        "counts": {"failed": 1, "finished": 2},
        "error": {"code": "residual-detections", "detail": "a person is still seen"},
    }
    with pytest.raises(WorkFailed) as caught:
        followed([], [job])
    assert str(caught.value) == (
        "1 of 3 pictures failed; the first: a person is still seen (residual-detections; job J)"
    )


def test_a_job_that_another_cancelled_is_told_apart() -> None:
    with pytest.raises(WorkFailed, match="job J was cancelled on the service"):
        followed([], [{"id": "J", "status": "CANCELLED"}])
