"""Pages of other origins, and what every answer carries."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from connector.api.cors import EXPOSED, SENT
from tests.connector.workshop import open_service, settings_in

pytestmark = pytest.mark.anyio

PORTAL = "https://portal.example"


@pytest.fixture
async def portal(anyio_backend: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to a service that asks for keys and that pages of the portal may call."""
    settings = settings_in(tmp_path, auth="keys", cors_origins=PORTAL)
    async with open_service(settings) as http:
        yield http


def preflight(origin: str, method: str = "POST", headers: str = "Authorization") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


async def test_a_preflight_of_the_origin_needs_no_key(portal: httpx.AsyncClient) -> None:
    answer = await portal.options("/v1/jobs", headers=preflight(PORTAL, headers=", ".join(SENT)))
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://portal.example",
        "https://portal.example:8443",
        "https://portal.example.evil.example",
        "null",
    ],
)
async def test_no_other_origin(portal: httpx.AsyncClient, origin: str) -> None:
    for answer in (
        await portal.options("/v1/jobs", headers=preflight(origin)),
        await portal.get("/v1/jobs", headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_page_may_read_errors_and_the_headers_it_needs(portal: httpx.AsyncClient) -> None:
    answer = await portal.get("/v1/jobs", headers={"Origin": PORTAL})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert set(exposed) == set(EXPOSED) >= {"Location", "Retry-After", "ETag", "Link"}


async def test_without_the_setting_no_page_may_call(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/steps", headers={"Origin": PORTAL})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert (await client.options("/v1/steps", headers=preflight(PORTAL))).status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/v1/steps", "/v1/jobs/01NOSUCHJOB", "/nowhere", "/health/live", "/openapi.json"]
)
async def test_every_answer_is_careful(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] in ("no-store", "no-cache")
