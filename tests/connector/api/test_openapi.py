import json
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def schema(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/openapi.json")).json()
    return found


async def test_operations_have_the_names_that_generated_clients_use(
    client: httpx.AsyncClient,
) -> None:
    paths = (await schema(client))["paths"]
    found = {
        f"{verb} {path}": op["operationId"]
        for path, verbs in paths.items()
        for verb, op in verbs.items()
    }
    assert found == {
        "get /": "root",
        "get /v1/steps": "list_steps",
        "get /v1/steps/{step}": "describe_step",
        "post /v1/steps/{step}/run": "run_step",
        "get /v1/templates": "list_templates",
        "post /v1/jobs": "create_job",
        "get /v1/jobs": "list_jobs",
        "get /v1/jobs/{job_id}": "get_job",
        "delete /v1/jobs/{job_id}": "delete_job",
        "get /v1/jobs/{job_id}/items": "list_items",
        "get /v1/jobs/{job_id}/results.zip": "get_results",
        "get /v1/jobs/{job_id}/parts/{part_id}/content": "get_part_content",
        "get /v1/jobs/{job_id}/events": "stream_events",
        "post /v1/jobs/{job_id}/cancel": "cancel_job",
        "post /v1/jobs/{job_id}/retry": "retry_job",
        "get /v1/jobs/{job_id}/deliveries": "list_deliveries",
        "post /v1/jobs/{job_id}/deliveries/{delivery_id}/redeliver": "redeliver",
        "post /v1/files": "upload_file",
        "get /v1/files/{file_id}": "get_file",
        "delete /v1/files/{file_id}": "delete_file",
        "get /v1/files/{file_id}/content": "get_file_content",
        "get /metrics": "metrics",
        "get /actuator/prometheus": "actuator_prometheus",
        "get /health/live": "is_live",
        "get /health/ready": "is_ready",
        "get /actuator/health": "actuator_health",
        "get /actuator/info": "actuator_info",
    }


async def test_every_error_is_a_problem(client: httpx.AsyncClient) -> None:
    for path, verbs in (await schema(client))["paths"].items():
        for operation in verbs.values():
            assert "default" in operation["responses"]
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5", "d")) and not path.startswith("/actuator/health"):
                    content = answer["content"]
                    assert list(content) == ["application/problem+json"], (path, status)
                    assert content["application/problem+json"]["schema"]["$ref"].endswith(
                        "/Problem"
                    )


async def test_every_reference_leads_somewhere(client: httpx.AsyncClient) -> None:
    whole = await schema(client)
    names = set(whole["components"]["schemas"])
    references = {
        line.split('"')[3].removeprefix("#/components/schemas/")
        for line in json.dumps(whole, indent=0).splitlines()
        if line.startswith('"$ref"')
    }
    assert references <= names
    assert {"Problem", "RunRequest", "RunAnswer", "StepDescription"} <= references
    assert not [name for name in names if "HTTPValidation" in name]


async def test_a_run_takes_three_forms_and_gives_two(client: httpx.AsyncClient) -> None:
    whole = await schema(client)
    run = whole["paths"]["/v1/steps/{step}/run"]["post"]
    assert set(run["requestBody"]["content"]) == {
        "multipart/form-data",
        "image/*",
        "application/json",
    }
    assert set(run["responses"]["200"]["content"]) == {"image/*", "application/json"}
    assert set(run["responses"]) == {
        "200",
        "202",
        "400",
        "404",
        "406",
        "408",
        "413",
        "415",
        "422",
        "429",
        "500",
        "503",
        "default",
    }
    part = whole["components"]["schemas"]["PartRequest"]
    assert part["required"] == ["url"]
    assert "mimeType" in part["properties"]


async def test_it_is_openapi_3_1(client: httpx.AsyncClient) -> None:
    assert (await schema(client))["openapi"].startswith("3.1")
