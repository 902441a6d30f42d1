"""What streams and callbacks really carry fits what the document says of them."""

import json

import httpx
import pytest
from sqlalchemy import select

from connector.jobs.tables import deliveries
from tests.connector.api.conftest import SOURCE
from tests.connector.api.schemas import COMMITTED, problems_of
from tests.connector.workshop import Workshop

pytestmark = pytest.mark.anyio
GONE = "https://store.example/gone.png"
"""Nobody serves it: the worker fails."""


async def made(http: httpx.AsyncClient, url: str) -> dict[str, str]:
    body = {
        "steps": [{"step": "echo"}],
        "items": [{"id": "kitchen", "parts": [{"url": url}]}],
        "callback": {"url": "https://engine.example/hook"},
        "correlation": "4711",
    }
    answer = await http.post("/v1/jobs", json=body)
    links: dict[str, str] = answer.json()["links"]
    return links


async def test_streamed_events_fit_the_document(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    finished, failed, cancelled = [await made(http, url) for url in (SOURCE, GONE, SOURCE)]
    await http.post(cancelled["cancel"])
    workshop.work()
    await http.post(failed["retry"])
    workshop.work()
    schema = json.loads(COMMITTED.read_text())["components"]["schemas"]["StreamedEvent"]
    seen = set()
    for links in (finished, failed, cancelled):
        text = (await http.get(links["events"])).text
        for line in text.splitlines():
            if line.startswith("data: "):
                event = json.loads(line.removeprefix("data: "))
                assert problems_of(event, {"$ref": "#/components/schemas/StreamedEvent"}) == []
                assert set(event) <= set(schema["properties"]), event
                assert event["type"] in schema["properties"]["type"]["description"]
                seen.add(event["type"])
    assert seen >= {"job.queued", "job.finished", "job.failed", "job.retried", "item.finished"}
    assert seen >= {"item.failed", "job.cancelled"}


async def test_callbacks_fit_the_document(http: httpx.AsyncClient, workshop: Workshop) -> None:
    for url in (SOURCE, GONE):
        await made(http, url)
    await http.post((await made(http, SOURCE))["cancel"])
    workshop.work()
    bodies = [
        json.loads(body)
        for body in workshop.database.read(
            lambda tx: tx.execute(select(deliveries.c.body)).scalars().all()
        )
    ]
    assert {body["type"] for body in bodies} == {"job.finished", "job.failed", "job.cancelled"}
    for body in bodies:
        assert problems_of(body, {"$ref": "#/components/schemas/JobEvent"}) == []
