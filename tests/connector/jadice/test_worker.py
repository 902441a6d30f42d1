"""A step as a worker of jadice flow: items of the published shape come in and go back."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from connector.api.leaving import CLIENT_GONE
from steps import registry
from tests.connector.fifo import Fifo
from tests.connector.problem import pointers, problem
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio

URL = "https://store.example/kitchen.png"
SCAN = {"url": "https://elsewhere.example/scan.pdf", "type": "META", "mimeType": "application/pdf"}
PHOTO = {"url": URL, "filename": "kitchen.png", "type": "BASE_PART", "mimeType": "image/png"}


def item(**more: Any) -> dict[str, Any]:
    return {"parts": [SCAN, PHOTO], "indexData": {"listing": "4711"}, **more}


@pytest.fixture
def workshop(tmp_path: Path, png: bytes) -> Workshop:
    made = Workshop(settings_in(tmp_path, run_timeout_seconds=20))
    made.sources[URL] = png
    return made


@pytest.fixture
async def http(anyio_backend: str, workshop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(workshop.settings, workshop=workshop) as client:
        yield client
    workshop.close()


async def worked(http: httpx.AsyncClient, body: Any, query: str = "") -> Any:
    answer = await http.post(f"/jadice/echo{query}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def report(http: httpx.AsyncClient) -> dict[str, Any]:
    """Return what the step of the newest job says it was given."""
    (newest, *_) = (await http.get("/v1/jobs")).json()["jobs"]
    job = (await http.get(newest["links"]["self"])).json()
    found: dict[str, Any] = job["items"][0]["parts"][-1]["report"]["parameters"]
    return found


async def test_an_item_goes_back_with_the_new_part_and_the_old_one_as_meta(
    http: httpx.AsyncClient, png: bytes
) -> None:
    back = await worked(http, item(processingProperties={"a": [1]}, unpublished={"x": 1}))
    scan, old, new, mask = back["parts"]
    assert scan == SCAN
    assert old == {**PHOTO, "type": "META"}
    assert (new["type"], new["role"], new["mimeType"]) == ("BASE_PART", "source", "image/png")
    assert (mask["type"], mask["role"]) == ("META", "mask")
    assert (await http.get(new["url"])).content == png
    assert back["indexData"] == {"listing": "4711"}
    assert back["processingProperties"] == {"a": [1]}
    assert back["unpublished"] == {"x": 1}
    assert back["messages"] == []


async def test_nothing_found_is_a_success_with_the_source_as_its_result(
    tmp_path: Path, png: bytes
) -> None:
    """Flow's "fail on missing result" would fail the job of a photo without people."""
    settings = settings_in(tmp_path)
    shop = Workshop(settings, registry.build)
    shop.sources[URL] = png
    async with open_service(settings, registry.build, workshop=shop) as http:
        answer = await http.post("/jadice/anonymize?detector=stub", json=item())
        assert answer.status_code == 200, answer.text
        _, old, new, *_ = answer.json()["parts"]
        assert (old["type"], new["type"]) == ("META", "BASE_PART")
        back = (await http.get(new["url"])).content
        assert Image.open(io.BytesIO(back)).getcolors() == [(6, (10, 20, 30))]
        assert [each["code"] for each in answer.json()["messages"]] == ["nothing-found"]
    shop.close()


async def test_a_list_of_items_goes_back_as_a_list_in_its_order(http: httpx.AsyncClient) -> None:
    named = [{"parts": [{**PHOTO, "filename": name}]} for name in ("b.png", "a.png")]
    back = await worked(http, named)
    assert [each["parts"][1]["filename"] for each in back] == ["b.png", "a.png"]


@pytest.mark.parametrize(
    ("given", "query"),
    [
        # as in workers.yaml: JSON inside a string; what is null or empty keeps its default
        (
            [
                {"name": "strength", "type": "java.lang.Double", "value": "0.25"},
                {"name": "note", "type": "java.lang.String", "value": '"7"', "description": "x"},
                {"name": "classes", "type": "[Ljava.lang.String;", "value": '["a", "b"]'},
                {"name": "keepColours", "type": "java.lang.Boolean", "value": "true"},
                {"name": "corner.x", "value": "3"},
                {"name": "limit", "value": None},
                {"name": "copies", "value": ""},
            ],
            "",
        ),
        (
            {
                "strength": "0.25",
                "note": "7",
                "classes": ["a", "b"],
                "keepColours": "true",
                "corner": {"x": 3},
                "limit": None,
            },
            "",
        ),
        (None, "?strength=0.25&note=7&classes=a&classes=b&keepColours=true&corner.x=3"),
        (
            {"strength": 0.25, "keepColours": True, "classes": '["a","b"]', "corner.x": "3"},
            "?strength=1&note=7",
        ),
    ],
)
async def test_parameters_as_text_mean_what_the_schema_says(
    http: httpx.AsyncClient, given: Any, query: str
) -> None:
    await worked(http, item(parameters=given), query)
    found = await report(http)
    assert found["strength"] == 0.25
    assert found["note"] == "7"
    assert found["classes"] == ["a", "b"]
    assert found["keepColours"] is True
    assert found["corner"]["x"] == 3
    assert (found["limit"], found["copies"]) == (None, 1)


async def test_the_items_of_one_call_carry_the_same_parameters(http: httpx.AsyncClient) -> None:
    body = [item(parameters={"strength": text}) for text in ("0.1", "0.2")]
    found = problem(await http.post("/jadice/echo", json=body), "request-invalid")
    assert pointers(found) == ["/1/parameters"]


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        (item(parameters={"strength": "2"}), "/parameters/strength", "less than or equal to 1"),
        (item(parameters={"strenth": "1"}), "/parameters/strenth", "known: seed, strength"),
        ({"parts": [SCAN]}, "/parts", "BASE_PART"),
        ({"parts": [SCAN, {**PHOTO, "url": "ftp://x/y"}]}, "/parts/1/url", "accepted: https"),
        ([item(), {"parts": [SCAN, {**PHOTO, "url": "x:y"}]}], "/1/parts/1/url", "accepted"),
        ([item(), {"parts": None}], "/1/parts", "tuple"),
        ([item(), "x"], "/1", "JSON object"),
    ],
)
async def test_a_fault_names_the_field_and_what_is_accepted(
    http: httpx.AsyncClient, body: Any, pointer: str, says: str
) -> None:
    answer = await http.post("/jadice/echo", json=body)
    assert answer.status_code == 422, answer.text
    found = problem(answer, answer.json()["code"])
    assert pointers(found) == [pointer]
    assert says in found["errors"][0]["detail"]
    assert "/items" not in found["detail"]


async def test_a_failed_step_is_an_http_error(http: httpx.AsyncClient, workshop: Workshop) -> None:
    workshop.sources[URL] = b"no picture"
    body = problem(await http.post("/jadice/copy", json=item()), "image-undecodable")
    assert body["jobId"]


async def test_a_step_that_is_not_there_is_a_404(http: httpx.AsyncClient) -> None:
    problem(await http.post("/jadice/nothing", json=item()), "step-unknown")


@pytest.mark.parametrize("count", [0, 101])
async def test_a_list_has_its_bounds(http: httpx.AsyncClient, count: int) -> None:
    problem(await http.post("/jadice/echo", json=[item()] * count), "request-invalid")


async def test_work_that_takes_too_long_is_stopped(tmp_path: Path, png: bytes, fifo: Fifo) -> None:
    settings = settings_in(tmp_path, run_timeout_seconds=0.2)
    shop = Workshop(settings)
    shop.sources[URL] = png
    async with open_service(settings, workshop=shop) as http:
        given = item(parameters={"notify": str(fifo)})
        answer = await http.post("/jadice/probe", json=given)
        body = problem(answer, "deadline-exceeded")
        assert body["retryable"] is True
        await asyncio.to_thread(fifo.started)
        assert await asyncio.to_thread(fifo.line) == "cancelled"
    shop.close()


async def left(http: httpx.AsyncClient, path: str, body: Any, goes: asyncio.Event) -> int:
    """Call, and close the connection at `goes`; return the status that the log gets."""
    transport, statuses = http._transport, []
    assert isinstance(transport, httpx.ASGITransport)
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
    }
    coming = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop()
        await goes.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await transport.app(scope, receive, send)
    (status,) = statuses
    return int(status)


async def test_work_whose_caller_leaves_is_stopped(http: httpx.AsyncClient, fifo: Fifo) -> None:
    given, goes = item(parameters={"notify": str(fifo)}), asyncio.Event()
    calling = asyncio.create_task(left(http, "/jadice/probe", given, goes))
    await asyncio.to_thread(fifo.started)
    goes.set()
    assert await asyncio.to_thread(fifo.line) == "cancelled"
    assert await calling == CLIENT_GONE


async def test_the_document_marks_it_as_experimental(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    operation = paths["/jadice/{step}"]["post"]
    assert operation["x-experimental"] is True
    assert "Experimental" in operation["description"]
