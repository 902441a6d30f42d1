"""The document that a service with the sample steps gives: what no single route could say."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connector.api.statuses import FAULTS

pytestmark = pytest.mark.anyio
VERBS = (
    "list|get|check|describe|create|cancel|retry|delete|redeliver|upload|stream|run|receive|post"
)


async def whole(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/openapi.json")).json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield f"{verb} {path}", operation


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(each)


async def test_operations_are_named_as_methods_are(client: httpx.AsyncClient) -> None:
    names = [operation["operationId"] for _, operation in operations(await whole(client))]
    assert [name for name in names if not re.fullmatch(f"({VERBS})(_[a-z]+)+", name)] == []
    assert len(set(names)) == len(names)


async def test_every_error_is_a_problem_with_its_codes(client: httpx.AsyncClient) -> None:
    for where, operation in operations(await whole(client)):
        for status, answer in operation["responses"].items():
            if int(status) < 400 or (where, status) == ("get /actuator/health", "503"):
                continue
            content = answer["content"]
            assert list(content) == ["application/problem+json"], (where, status)
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
            assert {FAULTS[code].status for code in answer["x-codes"]} == {int(status)}


async def test_what_can_be_tried_again_says_when(client: httpx.AsyncClient) -> None:
    for where, operation in operations(await whole(client)):
        for status in {"429", "503"} & set(operation["responses"]):
            if where != "get /actuator/health":
                assert "Retry-After" in operation["responses"][status]["headers"], where


async def test_every_reference_leads_somewhere(client: httpx.AsyncClient) -> None:
    document = await whole(client)
    references = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    known = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        for name in named
    }
    assert references <= known
    assert not [name for name in known if "HTTPValidation" in name or "__" in name]


async def test_a_run_of_each_step_takes_three_forms_and_gives_two(
    client: httpx.AsyncClient,
) -> None:
    document = await whole(client)
    assert "/v1/steps/{step}/run" not in document["paths"]
    run = document["paths"]["/v1/steps/echo/run"]["post"]
    body, answer = run["requestBody"]["content"], run["responses"]["200"]["content"]
    assert set(body) == {
        "multipart/form-data",
        "image/*",
        "application/octet-stream",
        "application/json",
    }
    assert body["application/json"]["schema"]["$ref"].endswith("/EchoRunRequest")
    assert set(answer) == {"image/*", "application/json"}
    assert answer["application/json"]["schema"]["$ref"].endswith("/EchoRunAnswer")
    schemas = document["components"]["schemas"]
    assert schemas["EchoRunRequest"]["properties"]["parameters"]["$ref"].endswith("/EchoParameters")
    assert schemas["EchoRunAnswer"]["properties"]["report"]["$ref"].endswith("/EchoReport")
    assert schemas["EchoReport"]["properties"]["step"] == {"const": "echo", "type": "string"}


async def test_parameters_stand_in_the_query_with_defaults_in_words(
    client: httpx.AsyncClient,
) -> None:
    run = (await whole(client))["paths"]["/v1/steps/echo/run"]["post"]
    query = {each["name"]: each for each in run["parameters"] if each.get("in") == "query"}
    assert query["strength"]["schema"] == {"type": "number", "minimum": 0.0, "maximum": 1.0}
    assert "Default: 0.5" in query["strength"]["description"]
    assert query["classes"]["schema"]["type"] == "array"
    assert "application/json" in query["zones"]["content"]
    assert query["limit"]["schema"] == {"type": "integer"}
    assert set(query) >= {"output.mimeType", "output.quality", "seed"}


async def test_a_chain_is_told_apart_by_its_steps_names(client: httpx.AsyncClient) -> None:
    schemas = (await whole(client))["components"]["schemas"]
    chained = schemas["ChainedStep"]
    assert chained["discriminator"]["propertyName"] == "step"
    assert set(chained["discriminator"]["mapping"]) == {"copy", "echo", "probe"}
    # "copy" and its report use the base classes themselves, and get names of their own.
    assert {"CopyStep", "CopyParameters", "CopyReport"} <= set(schemas)
    (steps, _) = schemas["JobRequest"]["properties"]["steps"]["anyOf"]
    assert steps["items"]["$ref"].endswith("/ChainedStep")
    assert "TemplateStep" not in schemas


async def test_schemas_have_no_titles_that_would_name_classes(client: httpx.AsyncClient) -> None:
    schemas = (await whole(client))["components"]["schemas"]
    titled = [node for node in nodes(schemas) if isinstance(node.get("title"), str)]
    assert titled == schemas["Problem"]["examples"]


async def test_callbacks_are_webhooks(client: httpx.AsyncClient) -> None:
    hooks = (await whole(client))["webhooks"]
    assert set(hooks) == {"job.finished", "job.failed", "job.cancelled"}
    names = {each["name"] for each in hooks["job.failed"]["post"]["parameters"]}
    assert names == {"webhook-id", "webhook-timestamp", "webhook-signature", "X-Signature-256"}


async def test_it_is_openapi_3_1(client: httpx.AsyncClient) -> None:
    assert (await whole(client))["openapi"].startswith("3.1")
