"""A flow client uses us as it uses a controller: the calls of the published documentation (docs/jadice-flow.md)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.jobs import numbers
from tests.connector.problem import pointers, problem
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio

URL = "https://store.example/kitchen.png"
TEMPLATES = """
templates:
  twice:
    steps: [{step: echo}, {step: echo}]
    priority: 5
"""


def request(**more: Any) -> dict[str, Any]:
    """A request of the documented form."""
    part = {"url": URL, "filename": "kitchen.png", "type": "BASE_PART", "mimeType": "image/png"}
    return {
        "jobTemplateName": "twice",
        "priority": 0,
        "items": [{"parts": [part]}],
        **more,
    }


@pytest.fixture
def workshop(tmp_path: Path, png: bytes) -> Workshop:
    templates = tmp_path / "templates.yaml"
    templates.write_text(TEMPLATES)
    made = Workshop(settings_in(tmp_path, templates_file=templates), rings=False)
    made.sources[URL] = png
    return made


@pytest.fixture
async def http(anyio_backend: str, workshop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(workshop.settings, workshop=workshop) as client:
        yield client
    workshop.close()


async def created(http: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await http.post("/job/create", json=request(**more))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert set(found) == {"jobExecutionID", "traceID", "status"}
    return found


async def status(http: httpx.AsyncClient, number: int) -> str:
    answer = await http.get(f"/job/execution/{number}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["jobExecutionID"] == number
    found: str = answer.json()["status"]
    return found


async def test_the_names_are_the_templates_and_every_step(http: httpx.AsyncClient) -> None:
    answer = await http.get("/job/template-names")
    assert answer.json() == ["copy", "echo", "probe", "twice"]


async def test_a_job_from_its_creation_to_its_result(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    job = await created(http)
    number = job["jobExecutionID"]
    assert job["status"].startswith("STA")  # what the documentation shows of it
    assert len(job["traceID"]) == 32
    early = problem(await http.get(f"/job/result/{number}"), "conflict")
    assert "STARTING" in early["detail"]
    workshop.work()
    assert await status(http, number) == "FINISHED"
    (part,) = (await http.get(f"/job/result/{number}")).json()
    assert set(part) == {"url", "filename", "type", "mimeType", "role"}
    assert (part["type"], part["mimeType"]) == ("BASE_PART", "image/png")
    assert (await http.get(part["url"])).content == png


async def test_a_template_brings_its_steps_and_its_priority(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    await created(http, priority=None)
    (job,) = (await http.get("/v1/jobs")).json()["jobs"]
    assert (job["template"], job["priority"]) == ("twice", 5)
    number = (await created(http, jobTemplateName="echo", priority=7))["jobExecutionID"]
    answer = await http.get(f"/job/execution/{number}")
    shown = (await http.get(answer.headers["link"].partition(">")[0][1:])).json()
    assert (shown["template"], shown["priority"]) == (None, 7)


async def test_what_a_java_client_writes_out_is_taken(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    """Nulls, fields that nobody published, and META parts that are nobody's business."""
    meta = {"url": "https://elsewhere.example/scan.pdf", "type": "META", "mimeType": None}
    part = {"url": URL, "filename": None, "mimeType": None, "type": None, "partId": "x"}
    item = {"parts": [meta, part], "indexData": None, "processingProperties": {"a": 1}, "id": 12}
    number = (await created(http, items=[item], callbackUrl=None))["jobExecutionID"]
    workshop.work()
    assert await status(http, number) == "FINISHED"
    (result,) = (await http.get(f"/job/result/{number}")).json()
    assert (await http.get(result["url"])).content == png


async def test_results_come_in_the_order_of_the_items(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    names = ["b.png", "a.png", "c.png"]
    items = [{"parts": [{"url": URL, "filename": name}]} for name in names]
    number = (await created(http, items=items))["jobExecutionID"]
    workshop.work()
    parts = (await http.get(f"/job/result/{number}")).json()
    assert [part["filename"] for part in parts] == names


async def test_a_failed_job_is_failed_and_says_where_to_read_why(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    workshop.sources[URL] = b"no picture"
    number = (await created(http, jobTemplateName="copy"))["jobExecutionID"]
    workshop.work()
    answer = await http.get(f"/job/execution/{number}")
    assert answer.json()["status"] == "FAILED"
    why = (await http.get(answer.headers["link"].partition(">")[0][1:])).json()
    assert why["error"]["code"] == "image-undecodable"
    assert (await http.get(f"/job/result/{number}")).json() == []


async def test_a_cancelled_job_is_stopped(http: httpx.AsyncClient) -> None:
    number = (await created(http))["jobExecutionID"]
    (job,) = (await http.get("/v1/jobs")).json()["jobs"]
    await http.post(f"/v1/jobs/{job['id']}/cancel")
    assert await status(http, number) == "STOPPED"


async def test_the_same_key_gives_the_same_number(http: httpx.AsyncClient) -> None:
    answers = [
        await http.post("/job/create", json=request(), headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert answers[0].json()["jobExecutionID"] == answers[1].json()["jobExecutionID"]


@pytest.mark.parametrize(
    ("change", "pointer", "says"),
    [
        ({"jobTemplateName": "nothing"}, "/jobTemplateName", "known: copy, echo, probe, twice"),
        ({"jobTemplateName": None}, "/jobTemplateName", "string"),
        ({"priority": 101}, "/priority", "100"),
        ({"items": []}, "/items", "at least one"),
        ({"items": [{"parts": [{"url": URL, "type": "META"}]}]}, "/items/0/parts", "BASE_PART"),
        (
            {"items": [{"parts": [{"url": URL, "type": "META"}, {"url": "ftp://x/y"}]}]},
            "/items/0/parts/1/url",
            "accepted: https",
        ),
        ({"items": [{"parts": [{"filename": "x"}]}]}, "/items/0/parts/0/url", "required"),
    ],
)
async def test_a_fault_names_the_field_and_what_is_accepted(
    http: httpx.AsyncClient, change: dict[str, Any], pointer: str, says: str
) -> None:
    answer = await http.post("/job/create", json=request(**change))
    body = problem(answer, answer.json()["code"])
    assert answer.status_code == 422
    assert pointers(body) == [pointer]
    assert says in body["errors"][0]["detail"]


async def test_a_body_that_is_no_json_is_refused(http: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    problem(await http.post("/job/create", content=b"{", headers=headers), "body-malformed")
    problem(await http.post("/job/create", content=b"[]", headers=headers), "request-invalid")
    problem(await http.post("/job/create", content=b"{}"), "media-type-unsupported")


@pytest.mark.parametrize("number", ["1", str(numbers.GREATEST)])
async def test_a_number_that_nobody_has_is_not_there(http: httpx.AsyncClient, number: str) -> None:
    for call in ("execution", "result"):
        problem(await http.get(f"/job/{call}/{number}"), "not-found")


@pytest.mark.parametrize("number", ["0", "-1", "x", str(numbers.GREATEST + 1)])
async def test_what_is_no_number_is_told_so(http: httpx.AsyncClient, number: str) -> None:
    body = problem(await http.get(f"/job/execution/{number}"), "request-invalid")
    assert pointers(body) == ["execution_id"]


async def test_a_number_survives_a_restart(tmp_path: Path, png: bytes) -> None:
    settings = settings_in(tmp_path)
    shop = Workshop(settings, rings=False)
    shop.sources[URL] = png
    async with open_service(settings, workshop=shop) as http:
        number = (await created(http, jobTemplateName="echo"))["jobExecutionID"]
    shop.work()
    shop.close()
    shop = Workshop(settings, rings=False)
    async with open_service(settings, workshop=shop) as http:
        assert await status(http, number) == "FINISHED"
        assert (await created(http, jobTemplateName="echo"))["jobExecutionID"] > number
    shop.close()
