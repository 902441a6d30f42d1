"""`/run` in its three forms, and both kinds of answer."""

import base64
import hashlib
import json
from typing import Any, get_args

import httpx
import pytest

from connector.output import OutputType
from steps.imaging.encode import WRITABLE
from tests.connector.problem import pointers, problem

pytestmark = pytest.mark.anyio

RUN = "/v1/steps/echo/run"
PNG = {"Content-Type": "image/png"}
AS_JSON = {"Accept": "application/json"}


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def part(content: bytes, **fields: object) -> dict[str, object]:
    return {"url": data_url(content), **fields}


async def report(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["report"]
    return found


async def test_multipart(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(
        RUN,
        files={"file": ("C:\\pics\\küche.png", png, "image/png"), "mask": ("m.png", b"xx")},
        data={
            "parameters": '{"seed": 7, "keepColours": true}',
            "output": '{"mimeType": "image/png"}',
        },
        headers=AS_JSON,
    )
    said = await report(answer)
    assert said["seed"] == 7
    assert said["parameters"]["keepColours"] is True
    assert said["outputMimeType"] == "image/png"
    assert said["partsSeen"] == [f"source küche.png {len(png)}", "mask m.png 2"]


async def test_multipart_takes_its_fields_as_json_files_too(
    client: httpx.AsyncClient, png: bytes
) -> None:
    files = {
        "source": ("a.png", png, "image/png"),
        "parameters": ("parameters.json", b'{"seed": 7}', "application/json"),
    }
    assert (await report(await client.post(RUN, files=files, headers=AS_JSON)))["seed"] == 7


async def test_raw_picture_with_parameters_in_the_query(
    client: httpx.AsyncClient, png: bytes
) -> None:
    query = (
        "seed=7&strength=0.25&note=12&classes=car&classes=dog&sizes=[1,2]&thresholds.car=0.5"
        '&corner.label=left&zones=[{"x":3}]&keepColours=true&limit=null&output.quality=80'
    )
    answer = await client.post(f"{RUN}?{query}", content=png, headers=PNG | AS_JSON)
    parameters = (await report(answer))["parameters"]
    assert parameters == {
        "seed": 7,
        "strength": 0.25,
        "note": "12",
        "classes": ["car", "dog"],
        "sizes": [1, 2],
        "thresholds": {"car": 0.5},
        "corner": {"x": 0, "label": "left"},
        "zones": [{"x": 3, "label": ""}],
        "keepColours": True,
        "limit": None,
        "copies": 1,
    }


async def test_json_by_data_url(client: httpx.AsyncClient, png: bytes) -> None:
    body = {
        "parameters": {"seed": 7},
        "parts": [part(png, filename="a.png", role="source"), part(b"m", role="mask", type="META")],
        "output": {"mimeType": "image/webp", "quality": 5},
    }
    said = await report(await client.post(RUN, json=body, headers=AS_JSON))
    assert said["seed"] == 7
    assert said["outputMimeType"] == "image/webp"
    assert said["partsSeen"] == [f"source a.png {len(png)}", "mask  1"]


async def test_the_answer_is_the_picture(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(RUN, files={"file": ('kü"che.png', png, "image/png")})
    assert answer.content == png
    expected = {
        "content-type": "image/png",
        "etag": f'"{hashlib.sha256(png).hexdigest()}"',
        "retusche-step": "echo/1.2.3",
        "retusche-verdict": "clean",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "filename*=UTF-8''k%C3%BC" in answer.headers["content-disposition"]
    assert answer.headers["server-timing"].startswith("copying-pixels;dur=250.0, total;dur=")


async def test_the_answer_as_json_holds_every_part(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(RUN, files={"file": ("a.png", png, "image/png")}, headers=AS_JSON)
    result, mask = answer.json()["parts"]
    assert result == {
        "url": data_url(png),
        "filename": "a.png",
        "mimeType": "image/png",
        "type": "BASE_PART",
        "role": "source",
        "sha256": hashlib.sha256(png).hexdigest(),
        "sizeBytes": len(png),
        "width": 3,
        "height": 2,
    }
    assert (mask["type"], mask["role"]) == ("META", "mask")


async def test_several_results_are_no_picture(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(f"{RUN}?copies=2", content=png, headers=PNG)
    assert "application/json" in problem(answer, "not-acceptable")["detail"]


async def test_accept_of_one_picture_type_asks_for_it(
    client: httpx.AsyncClient, png: bytes
) -> None:
    # The echo writes no other type, but it says in its report what it was asked for.
    sent = {
        "content": png,
        "headers": PNG | {"Accept": "image/avif, image/webp, application/json;q=0.1"},
    }
    answer = await client.post(RUN, **sent)  # type: ignore[arg-type]
    assert answer.headers["content-type"] == "image/png"
    refused = await client.post(f"{RUN}?output.mimeType=image/tiff", **sent)  # type: ignore[arg-type]
    assert "image/webp" in problem(refused, "not-acceptable")["detail"]


async def test_accept_of_a_type_that_nobody_writes(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(RUN, content=png, headers=PNG | {"Accept": "image/avif"})
    assert "image/webp" in problem(answer, "not-acceptable")["detail"]


def test_output_types_are_those_that_are_written() -> None:
    assert set(get_args(OutputType)) == set(WRITABLE)


@pytest.mark.parametrize(
    ("query", "pointer", "known"),
    [
        ("strengh=1", "/parameters/strengh", "strength"),
        ("corner.z=1", "/parameters/corner/z", "x, label"),
        ("strength=2", "/parameters/strength", "less than or equal to 1"),
        ("strength=abc", "/parameters/strength", "number"),
        ("strength=NaN", "/parameters/strength", "less than or equal to 1"),
        ("seed=1&seed=2", "/parameters/seed", "2 times"),
        ("note.length=3", "/parameters/note/length", "no fields"),
        ("corner=5&corner.x=1", "/parameters/corner/x", "twice"),
        ("sizes=1&sizes=x", "/parameters/sizes/1", "integer"),
        ("output.quality=101", "/output/quality", "100"),
        ("output.mimeType=image/avif", "/output/mimeType", "'image/tiff'"),
        ("output.format=png", "/output/format", "mimeType, quality"),
    ],
)
async def test_wrong_query(
    client: httpx.AsyncClient, png: bytes, query: str, pointer: str, known: str
) -> None:
    answer = await client.post(f"{RUN}?{query}", content=png, headers=PNG)
    code = "request-invalid" if pointer.startswith("/output") else "parameters-invalid"
    body = problem(answer, code)
    assert pointers(body) == [pointer]
    assert known in body["errors"][0]["detail"]


WRONG_JSON: list[tuple[object, str, str]] = [
    ({}, "request-invalid", "/parts"),
    ({"parts": [{}]}, "request-invalid", "/parts/0/url"),
    ({"parts": [{"url": "data:,x", "role": "subject"}]}, "request-invalid", "/parts/0/role"),
    ({"parts": [{"url": "data:,x", "colour": 1}]}, "request-invalid", "/parts/0/colour"),
    ({"parts": [{"url": "https://h/x.png"}]}, "request-invalid", "/parts/0/url"),
    ({"parts": [{"url": "file:///etc/passwd"}]}, "request-invalid", "/parts/0/url"),
    ({"parts": [{"url": "data:image/png;base64"}]}, "request-invalid", "/parts/0/url"),
    ({"parts": [{"url": "data:image/png;base64,$$$"}]}, "request-invalid", "/parts/0/url"),
    ({"parts": [{"url": "data:,x"}], "output": {"quality": 0}}, "request-invalid", "/output/quality"),
    ({"parts": [{"url": "data:,x"}], "parameters": {"seed": -1}}, "parameters-invalid", "/parameters/seed"),
    ({"parts": [{"url": "data:,x"}], "steps": []}, "request-invalid", "/steps"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "pointer"), WRONG_JSON)
async def test_wrong_json(client: httpx.AsyncClient, body: object, code: str, pointer: str) -> None:
    # The first one: for a list that lost its only element pydantic adds that it is too short.
    assert pointers(problem(await client.post(RUN, json=body), code))[0] == pointer


async def test_a_step_that_needs_a_picture_is_not_run_without(client: httpx.AsyncClient) -> None:
    body = problem(await client.post(RUN, json={"parts": []}), "item-invalid")
    assert "needs a part of role 'source'" in body["detail"]


@pytest.mark.parametrize("body", ["", "{", "[1]", '"x"', "\xff", "[" * 60_000, '{"parts": NaN}'])
async def test_json_that_is_none(client: httpx.AsyncClient, body: str) -> None:
    content = body.encode("latin-1")
    answer = await client.post(RUN, content=content, headers={"Content-Type": "application/json"})
    problem(answer, "request-invalid" if body in ("[1]", '"x"') else "body-malformed")


@pytest.mark.parametrize(
    ("files", "data", "code", "pointer"),
    [
        ({"picture": ("a.png", b"x")}, {}, "request-invalid", "/picture"),
        ({"file": ("a.png", b"x")}, {"strength": "1"}, "request-invalid", "/strength"),
        ({"file": ("a.png", b"x")}, {"source": "x"}, "request-invalid", "/source"),
        ({"file": ("a.png", b"x")}, {"parameters": ["{}", "{}"]}, "request-invalid", "/parameters"),
        ({"file": ("a.png", b"x")}, {"parameters": "[]"}, "request-invalid", "/parameters"),
        ({"file": ("a.png", b"x")}, {"parameters": '{"x": 1}'}, "parameters-invalid", "/parameters/x"),
        ({"file": ("a.png", b"x")}, {"output": '{"x": 1}'}, "request-invalid", "/output/x"),
        ({"style": ("a.png", b"x")}, {}, "item-invalid", "a.png"),
    ],
)  # fmt: skip
async def test_wrong_multipart(
    client: httpx.AsyncClient, files: Any, data: Any, code: str, pointer: str
) -> None:
    assert pointers(problem(await client.post(RUN, files=files, data=data), code)) == [pointer]


async def test_a_missing_source_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post(RUN, files={"mask": ("a.png", b"x")})
    assert "'source'" in problem(answer, "item-invalid")["detail"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"no boundary at all"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="parameters"\r\n\r\n{'
                                            b"\r\n--b--\r\n"),
    ],
)  # fmt: skip
async def test_multipart_that_is_none(
    client: httpx.AsyncClient, content_type: str, body: bytes
) -> None:
    answer = await client.post(RUN, content=body, headers={"Content-Type": content_type})
    problem(answer, "body-malformed")


async def test_a_query_beside_a_form_is_refused(client: httpx.AsyncClient, png: bytes) -> None:
    answer = await client.post(f"{RUN}?strength=1", files={"file": ("a.png", png)})
    assert pointers(problem(answer, "request-invalid")) == ["strength"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/pdf", "video/mp4", ""])
async def test_other_bodies_are_refused(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post(RUN, content=b"x", headers={"Content-Type": content_type})
    body = problem(answer, "media-type-unsupported")
    assert "image/*" in body["detail"]
    assert "multipart/form-data" in answer.headers["accept-post"]


@pytest.mark.parametrize(
    ("error", "code"),
    [("ImageUndecodable", "image-undecodable"), ("OutOfMemory", "out-of-memory"), ("StepFailed", "step-failed")],
)  # fmt: skip
async def test_a_step_s_error_is_a_problem(
    client: httpx.AsyncClient, png: bytes, error: str, code: str
) -> None:
    query = {"behaviour": "error", "error": error}
    answer = await client.post("/v1/steps/probe/run", params=query, content=png, headers=PNG)
    assert problem(answer, code)["detail"] == "as told"


async def test_parameters_of_the_size_that_a_field_may_have(
    client: httpx.AsyncClient, png: bytes
) -> None:
    big = json.dumps({"note": "x" * 90_000})
    answer = await client.post(RUN, files={"file": ("a.png", png)}, data={"parameters": big})
    assert answer.status_code == 200
