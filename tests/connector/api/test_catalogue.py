import httpx
import pytest

from tests.connector.conftest import BODY_LIMIT

pytestmark = pytest.mark.anyio


async def test_the_list_names_every_step(client: httpx.AsyncClient) -> None:
    steps = (await client.get("/v1/steps")).json()["steps"]
    assert [step["name"] for step in steps] == ["copy", "echo", "probe"]
    assert steps[1] == {
        "name": "echo",
        "version": "1.2.3",
        "title": "Echo",
        "summary": "Gives the source back.",
        "links": {"self": "/v1/steps/echo", "run": "/v1/steps/echo/run"},
    }


async def test_links_lead_somewhere(client: httpx.AsyncClient) -> None:
    for step in (await client.get("/v1/steps")).json()["steps"]:
        assert (await client.get(step["links"]["self"])).json()["name"] == step["name"]


async def test_the_description_says_what_a_step_takes(client: httpx.AsyncClient) -> None:
    step = (await client.get("/v1/steps/echo")).json()
    assert step["parameters"]["properties"]["keepColours"]["type"] == "boolean"
    assert step["parameters"]["properties"]["strength"]["maximum"] == 1.0
    assert step["parameters"]["additionalProperties"] is False
    assert "partsSeen" in step["report"]["properties"]
    assert [(i["role"], i["required"]) for i in step["inputs"]] == [
        ("source", True),
        ("mask", False),
    ]
    assert "image/heic" in step["inputs"][0]["mediaTypes"]
    assert "image/png" in step["outputMediaTypes"]
    assert step["limits"]["bodyBytes"] == BODY_LIMIT
    assert step["limits"]["pagePixels"] > 50_000_000
    assert step["backends"] == []


async def test_the_door_mat_points_to_the_catalogue(client: httpx.AsyncClient) -> None:
    body = (await client.get("/")).json()
    for name in ("steps", "openapi", "health"):
        assert (await client.get(body[name])).status_code != 404
