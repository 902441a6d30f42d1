"""The examples of the committed document are sent, and its answers checked against their schemas."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from connector.api.openapi import examples
from steps import registry
from tests.connector.api.schemas import COMMITTED, problems_of
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio
DOCUMENT: dict[str, Any] = json.loads(COMMITTED.read_text())


def requests() -> Iterator[tuple[str, str]]:
    """Yield (path, name of the example) of every example of a request."""
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield from ((path, name) for name in media.get("examples", ()))


@pytest.fixture(scope="module")
async def http(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to a service with the steps of this distribution, in which nobody works."""
    settings = settings_in(tmp_path_factory.mktemp("examples"), run_timeout_seconds=0.01)
    workshop = Workshop(settings, registry.build, rings=False)
    async with open_service(settings, registry.build, workshop=workshop) as client:
        yield client
    workshop.close()


def test_every_step_and_the_jobs_have_examples() -> None:
    assert {path for path, _ in requests()} >= {
        "/v1/jobs",
        *(f"/v1/steps/{step.name}/run" for step in registry.build().all()),
    }


@pytest.mark.parametrize(("path", "name"), list(requests()))
async def test_an_example_of_a_request_is_taken(
    http: httpx.AsyncClient, path: str, name: str
) -> None:
    content = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    example = content["examples"][name]["value"]
    assert problems_of(example, content["schema"]) == []
    answer = await http.post(path, json=example)
    assert answer.status_code == 202, answer.text
    assert problems_of(answer.json(), {"$ref": "#/components/schemas/JobAnswer"}) == []


@pytest.mark.parametrize("name", examples.ANSWERS)
def test_an_example_of_an_answer_fits_its_schema(name: str) -> None:
    (example,) = DOCUMENT["components"]["schemas"][name]["examples"]
    assert problems_of(example, {"$ref": f"#/components/schemas/{name}"}) == []
    del example[next(iter(example))]
    assert problems_of(example, {"$ref": f"#/components/schemas/{name}"}) != []


def test_the_schemas_are_json_schema() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name
        assert name.isidentifier()
