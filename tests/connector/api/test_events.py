"""The event log as a stream: whole, resumed, and at its end."""

import json
from typing import Any

import httpx
import pytest

from tests.connector.api.conftest import SOURCE
from tests.connector.problem import problem
from tests.connector.workshop import Workshop

pytestmark = pytest.mark.anyio


async def created(http: httpx.AsyncClient) -> dict[str, Any]:
    body = {"steps": [{"step": "echo"}], "items": [{"id": "a", "parts": [{"url": SOURCE}]}]}
    job: dict[str, Any] = (await http.post("/v1/jobs", json=body)).json()
    return job


def parsed(stream: str) -> list[dict[str, Any]]:
    found = []
    for block in stream.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if fields:
            found.append({**json.loads(fields["data"]), "id": int(fields["id"]), "event": fields["event"]})  # fmt: skip
    return found


async def test_a_stream_goes_on_until_the_job_has_ended(
    http: httpx.AsyncClient, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.api.events.KEEP_ALIVE_SECONDS", 0.0)
    job = await created(http)
    workshop.begin()
    answer = await http.get(job["links"]["events"])
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = parsed(answer.text)
    assert [e["event"] for e in events if e["event"] != "item.progress"] == [
        "job.queued", "job.running", "item.finished", "job.finished",
    ]  # fmt: skip
    assert [e["id"] for e in events] == sorted(e["id"] for e in events)
    assert {e["jobId"] for e in events} == {job["id"]}
    assert next(e for e in events if e["event"] == "item.finished")["itemId"] == "a"
    assert events[-1]["counts"]["finished"] == 1


async def test_a_stream_is_resumed(http: httpx.AsyncClient, workshop: Workshop) -> None:
    job = await created(http)
    workshop.work()
    events = parsed((await http.get(job["links"]["events"])).text)
    seen = {"Last-Event-ID": str(events[-2]["id"])}
    assert parsed((await http.get(job["links"]["events"], headers=seen)).text) == events[-1:]
    over = {"Last-Event-ID": str(events[-1]["id"])}
    assert (await http.get(job["links"]["events"], headers=over)).status_code == 204


async def test_a_number_that_is_none(http: httpx.AsyncClient) -> None:
    job = await created(http)
    answer = await http.get(job["links"]["events"], headers={"Last-Event-ID": "x"})
    problem(answer, "request-invalid")
