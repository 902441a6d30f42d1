"""Jobs over HTTP: created, waited for, listed, their items and results."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.api.json_bodies import MOST_VALUES
from tests.connector.problem import pointers, problem
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio

ECHO = [{"step": "echo"}]
URL = "https://store.example/kitchen.png"
STRENGTH = "/steps/0/parameters/strength"
NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
VERBS = ("GET", "DELETE", "cancel", "retry", "items", "events", "results.zip", "deliveries")
TEMPLATES = """
templates:
  twice:
    description: The echo of an echo
    steps:
      - {step: echo, parameters: {note: first}, keep: true}
      - {step: echo, parameters: {note: second}}
    priority: 5
    output: {mimeType: image/webp}
"""


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def one(url: str, **more: object) -> dict[str, Any]:
    return {"steps": ECHO, "items": [{"parts": [{"url": url}]}], **more}


@pytest.fixture
def workshop(tmp_path: Path, png: bytes) -> Workshop:
    """A worker that works when it is told to."""
    templates = tmp_path / "templates.yaml"
    templates.write_text(TEMPLATES)
    settings = settings_in(tmp_path, templates_file=templates, max_items=3, max_queued=4)
    made = Workshop(settings, rings=False)
    made.sources[URL] = png
    return made


@pytest.fixture
async def http(anyio_backend: str, workshop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(workshop.settings, workshop=workshop) as client:
        yield client
    workshop.close()


async def created(http: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await http.post("/v1/jobs", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["location"] == job["links"]["self"]
    assert answer.headers["retry-after"] == "1"
    return job


async def shown(http: httpx.AsyncClient, job: dict[str, Any]) -> dict[str, Any]:
    answer = await http.get(job["links"]["self"])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_job_from_its_creation_to_its_result(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    body = {
        "steps": ECHO,
        "items": [
            {
                "id": "kitchen",
                "parts": [{"url": URL, "filename": "küche.png", "mimeType": "image/png"}],
                "indexData": {"listing": "4711"},
                "processingProperties": {"x": [1, None]},
            },
            {"id": "hall", "parts": [{"url": data_url(png), "filename": "hall.png"}]},
        ],
        "correlation": "case 7",
        "priority": 3,
    }
    waiting = await created(http, body)
    assert waiting["status"] == "QUEUED"
    assert waiting["queuePosition"] == 1
    assert waiting["counts"]["queued"] == 2
    assert waiting["expiresAt"] is None
    assert [bell.priority for bell in workshop.rung] == [3, 3]
    assert workshop.work() == 2
    job = await shown(http, waiting)
    assert (job["status"], job["progress"], job["queuePosition"]) == ("FINISHED", 1.0, None)
    assert job["correlation"] == "case 7"
    assert len(job["traceId"]) == 32
    kitchen, hall = job["items"]
    assert (kitchen["id"], hall["id"]) == ("kitchen", "hall")
    assert kitchen["indexData"] == {"listing": "4711"}
    assert kitchen["processingProperties"] == {"x": [1, None]}
    source, result, mask = hall["parts"]
    assert (source["type"], result["type"], mask["type"]) == ("META", "BASE_PART", "META")
    assert result["sourcePartId"] == source["id"]
    assert result["sha256"] == hashlib.sha256(png).hexdigest()
    assert (result["width"], result["height"], result["sizeBytes"]) == (3, 2, len(png))
    assert result["report"]["step"] == "echo"
    assert source["report"] is None
    assert kitchen["parts"][0]["url"] == URL
    assert (await http.get(result["url"])).content == png


async def test_prefer_wait_answers_when_the_job_has_ended(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    workshop._rings = True
    answer = await http.post("/v1/jobs", json=one(URL), headers={"Prefer": "wait=20"})
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=20"
    assert answer.json()["status"] == "FINISHED"
    again = await http.get(answer.json()["links"]["self"], headers={"Prefer": "wait=61"})
    assert again.headers["preference-applied"] == "wait=60"


async def test_prefer_wait_of_a_job_that_does_not_end(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/jobs", json=one(URL), headers={"Prefer": "respond-async, wait=0"})
    assert (answer.status_code, answer.json()["status"]) == (202, "QUEUED")
    looked = await http.get(answer.json()["links"]["self"], headers={"Prefer": "wait=0"})
    assert (looked.status_code, looked.json()["status"]) == (200, "QUEUED")


async def test_a_template_names_steps_priority_and_output(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    listed = (await http.get("/v1/templates")).json()["templates"]
    assert [each["name"] for each in listed] == ["twice"]
    assert listed[0]["steps"][0]["keep"] is True
    body = {"template": "twice", "items": [{"parts": [{"url": URL}]}]}
    job = await created(http, body)
    assert (job["template"], job["priority"]) == ("twice", 5)
    workshop.work()
    (item,) = (await shown(http, job))["items"]
    made = [part for part in item["parts"] if part["report"]]
    notes = [part["report"]["parameters"]["note"] for part in made if part["role"] == "source"]
    assert notes == ["first", "second"]
    assert made[-1]["report"]["outputMimeType"] == "image/webp"


async def test_a_job_without_template_or_with_both(http: httpx.AsyncClient) -> None:
    items = [{"parts": [{"url": URL}]}]
    for body in ({"items": items}, {"items": items, "steps": ECHO, "template": "twice"}):
        answer = await http.post("/v1/jobs", json=body)
        assert pointers(problem(answer, "request-invalid")) == ["/steps"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"steps": [{"step": "nope"}]}, "request-invalid", "/steps/0/step"),
    ({"steps": [{"step": "echo", "parameters": {"strength": 2}}]}, "parameters-invalid", STRENGTH),
    ({"steps": [*ECHO, {"step": "echo", "parameters": {"x": 1}}]}, "parameters-invalid", "/steps/1/parameters/x"),
    ({"steps": [{"step": "echo", "onFailure": "shrug"}]}, "request-invalid", "/steps/0/onFailure"),
    ({"steps": []}, "request-invalid", "/steps"),
    ({"steps": None, "template": "nope"}, "request-invalid", "/template"),
    ({"items": []}, "request-invalid", "/items"),
    ({"items": "x"}, "request-invalid", "/items"),
    ({"items": [5]}, "request-invalid", "/items/0"),
    ({"items": [{}]}, "request-invalid", "/items/0/parts"),
    ({"items": [{"parts": []}]}, "item-invalid", "/items/0/parts"),
    ({"items": [{"parts": [{"url": URL, "colour": 1}]}]}, "request-invalid", "/items/0/parts/0/colour"),
    ({"items": [{"id": "a\0", "parts": [{"url": URL}]}]}, "request-invalid", "/items/0/id"),
    ({"items": [{"id": "a", "parts": [{"url": URL}]}] * 2}, "request-invalid", "/items/1/id"),
    ({"items": [{"parts": [{"url": "ftp://h/x"}]}]}, "request-invalid", "/items/0/parts/0/url"),
    ({"items": [{"parts": [{"url": "data:image/png;base64,$$"}]}]}, "request-invalid", "/items/0/parts/0/url"),
    ({"items": [{"parts": [{"url": "/v1/steps"}]}]}, "request-invalid", "/items/0/parts/0/url"),
    ({"items": [{"parts": [{"url": f"/v1/files/{NOBODY}"}]}]}, "source-unreachable", "/items/0/parts/0/url"),
    ({"items": [{"parts": [{"url": "http://store.example/x"}]}]}, "source-unreachable", "/items/0/parts/0/url"),
    ({"items": [{"parts": [{"url": "https://user@store.example/x"}]}]}, "source-unreachable", "/items/0/parts/0/url"),
    ({"items": [{"parts": [{"url": URL, "role": "style"}]}]}, "item-invalid", "/items/0/parts/0/role"),
    ({"items": [{"parts": [{"url": URL, "role": "mask"}]}]}, "item-invalid", "/items/0/parts"),
    ({"items": [{"parts": [{"url": URL}]}] * 4}, "too-many-items", "/items"),
    ({"priority": 101}, "request-invalid", "/priority"),
    ({"deadlineSeconds": 0}, "request-invalid", "/deadlineSeconds"),
    ({"correlation": "x" * 257}, "request-invalid", "/correlation"),
    ({"output": {"mimeType": "image/avif"}}, "request-invalid", "/output/mimeType"),
    ({"callback": {"url": "http://inside/hook"}}, "request-invalid", "/callback/url"),
    ({"callback": {"url": "https://e.example", "events": ["job.began"]}}, "request-invalid", "/callback/events/0"),
    ({"colour": 1}, "request-invalid", "/colour"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "pointer"), WRONG)
async def test_a_wrong_job_is_refused_with_the_field(
    http: httpx.AsyncClient, workshop: Workshop, change: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await http.post("/v1/jobs", json=one(URL) | change)
    assert pointers(problem(answer, code))[0] == pointer
    assert (await http.get("/v1/jobs")).json()["jobs"] == []
    assert workshop.rung == []


async def test_a_refused_job_leaves_no_file(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    items = [{"parts": [{"url": data_url(png)}]}, {"parts": [{"url": "ftp://h/x"}]}]
    problem(await http.post("/v1/jobs", json={"steps": ECHO, "items": items}), "request-invalid")
    body = one(data_url(png), items=[{"parts": [{"url": data_url(png)}]}] * 3)
    await created(http, body)
    full = one(data_url(png + b"2"), items=[{"parts": [{"url": data_url(png + b"2")}]}] * 2)
    problem(await http.post("/v1/jobs", json=full), "queue-full")
    assert list(workshop.files.hashes()) == [hashlib.sha256(png).hexdigest()]


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (b"{", "application/json", "body-malformed"),
        (b"[1]", "application/json", "request-invalid"),
        (b'{"a": NaN}', "application/json", "body-malformed"),
        (b"x", "text/plain", "media-type-unsupported"),
    ],
)
async def test_a_body_that_is_no_job(
    http: httpx.AsyncClient, content: bytes, media_type: str, code: str
) -> None:
    headers = {"Content-Type": media_type}
    problem(await http.post("/v1/jobs", content=content, headers=headers), code)


async def test_the_same_key_gets_the_same_job(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    body = one(data_url(png))
    first = await created(http, body, **{"Idempotency-Key": '"k 1"'})
    again = await created(http, body, **{"Idempotency-Key": "k 1"})
    assert again["id"] == first["id"]
    assert len(workshop.rung) == 1
    other = await http.post(
        "/v1/jobs", json=one(data_url(png), priority=1), headers={"Idempotency-Key": "k 1"}
    )
    assert pointers(problem(other, "idempotency-key-reused")) == ["Idempotency-Key"]
    workshop.work()
    ended = await http.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k 1"})
    assert (ended.status_code, ended.json()["id"]) == (200, first["id"])


@pytest.mark.parametrize("key", ["", '""', "x" * 256])
async def test_a_key_that_is_none(http: httpx.AsyncClient, key: str) -> None:
    answer = await http.post("/v1/jobs", json=one(URL), headers={"Idempotency-Key": key})
    assert pointers(problem(answer, "request-invalid")) == ["Idempotency-Key"]


async def test_jobs_are_listed_newest_first_by_cursor(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    made = [(await created(http, one(URL, correlation=str(n))))["id"] for n in range(3)]
    first = (await http.get("/v1/jobs?limit=2")).json()
    assert [job["id"] for job in first["jobs"]] == made[:0:-1]
    second = (await http.get("/v1/jobs", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([job["id"] for job in second["jobs"]], second["next"]) == (made[:1], None)
    workshop.place.serve_one()
    finished = (await http.get("/v1/jobs?status=FINISHED")).json()["jobs"]
    assert [job["id"] for job in finished] == made[:1]
    assert [job["attempts"] for job in (*finished, *first["jobs"])] == [1, 0, 0]
    assert finished[0]["steps"] == ["echo"]
    marked = (await http.get("/v1/jobs?correlation=1")).json()["jobs"]
    assert [job["id"] for job in marked] == [made[1]]


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=1001", "limit"), ("status=LOST", "status"), ("cursor=%00", "cursor")],
)  # fmt: skip
async def test_a_wrong_query_is_named(http: httpx.AsyncClient, query: str, field: str) -> None:
    assert pointers(problem(await http.get(f"/v1/jobs?{query}"), "request-invalid")) == [field]


async def test_items_are_listed_by_cursor_and_state(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    job = await created(http, one(URL, items=[{"parts": [{"url": URL}]}] * 3))
    workshop.place.serve_one()
    first = (await http.get(job["links"]["items"], params={"limit": 2})).json()
    assert [item["id"] for item in first["items"]] == ["1", "2"]
    rest = await http.get(job["links"]["items"], params={"limit": 2, "cursor": first["next"]})
    assert [item["id"] for item in rest.json()["items"]] == ["3"]
    assert rest.json()["next"] is None
    done = (await http.get(job["links"]["items"], params={"status": "FINISHED"})).json()["items"]
    assert [item["id"] for item in done] == ["1"]
    assert (await shown(http, job))["progress"] == pytest.approx(1 / 3, abs=1e-4)
    wrong = await http.get(job["links"]["items"], params={"cursor": "A"})
    assert pointers(problem(wrong, "request-invalid")) == ["cursor"]


async def test_a_failed_item_says_why(http: httpx.AsyncClient, workshop: Workshop) -> None:
    parameters = {"behaviour": "error", "error": "ImageUndecodable"}
    body = one(URL, steps=[{"step": "probe", "parameters": parameters}])
    job = await created(http, body)
    workshop.work()
    found = await shown(http, job)
    assert found["status"] == "FAILED"
    assert found["error"]["code"] == "image-undecodable"
    (item,) = found["items"]
    assert item["error"]["errors"] == [{"pointer": "/behaviour", "detail": "as told"}]


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize("job_id", [NOBODY, "%00", "x y"])
async def test_a_job_that_is_not_there(http: httpx.AsyncClient, method: str, job_id: str) -> None:
    path = f"/v1/jobs/{job_id}"
    if method in ("cancel", "retry"):
        answer = await http.post(f"{path}/{method}")
    elif method.isupper():
        answer = await http.request(method, path)
    else:
        answer = await http.get(f"{path}/{method}")
    problem(answer, "not-found")


async def test_another_client_s_job_is_not_there(
    http: httpx.AsyncClient, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await created(http, one(URL))
    monkeypatch.setattr("connector.auth.access.LOCAL", "other")
    problem(await http.get(job["links"]["self"]), "not-found")
    problem(await http.post(job["links"]["cancel"]), "not-found")
    assert (await http.get("/v1/jobs")).json()["jobs"] == []
    own = await created(http, one(URL))
    assert own["id"] != job["id"]


async def test_the_result_of_a_job_can_be_the_source_of_another(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    job = await created(http, one(URL))
    workshop.work()
    (item,) = (await shown(http, job))["items"]
    link = item["parts"][1]["url"]
    second = await created(http, one(link))
    workshop.sources.clear()
    workshop.work()
    (item,) = (await shown(http, second))["items"]
    assert item["status"] == "FINISHED"
    assert item["parts"][0]["sha256"] == hashlib.sha256(png).hexdigest()


async def test_the_job_in_json_is_what_the_schema_says(http: httpx.AsyncClient) -> None:
    job = await created(http, one(URL))
    schema = (await http.get("/openapi.json")).json()["components"]["schemas"]["JobAnswer"]
    assert set(job) == set(schema["properties"])
    assert json.dumps(job)


async def test_a_body_of_millions_of_nothings_is_refused_before_it_is_parsed(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr("connector.api.json_bodies.from_json", never)
    body = b'{"items": [' + b"[]," * (MOST_VALUES // 2 + 1) + b"[]]}"
    for path in ("/v1/jobs", "/v1/steps/echo/run"):
        answer = await http.post(path, content=body, headers={"Content-Type": "application/json"})
        assert problem(answer, "body-too-large")["detail"].startswith("the body holds more values")
