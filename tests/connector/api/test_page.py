"""`/` for people and for programs, and the files of the page: their headers, and that there are no others."""

import httpx
import pytest

from connector.api import page
from tests.connector.problem import problem

pytestmark = pytest.mark.anyio
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html"])
async def test_programs_get_json(client: httpx.AsyncClient, accept: str) -> None:
    answer = await client.get("/", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept"
    for name in ("steps", "jobs", "openapi"):
        assert (await client.get(answer.json()[name])).status_code == 200


@pytest.mark.parametrize(
    "accept", [BROWSER, "text/html", "text/html;q=0.9, application/json;q=0.1"]
)
async def test_browsers_get_the_page(client: httpx.AsyncClient, accept: str) -> None:
    answer = await client.get("/", headers={"Accept": accept})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    assert "<title>Retusche</title>" in answer.text


@pytest.mark.parametrize("path", ["/", *(f"/page/{name}" for name in sorted(page.files()))])
async def test_a_file_is_kept_asked_for_again_and_shut_in(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = dict(
        rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    seen = {"Accept": BROWSER, "If-None-Match": answer.headers["etag"]}
    again = await client.get(path, headers=seen)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]


async def test_what_the_page_names_is_there(client: httpx.AsyncClient) -> None:
    index = (await client.get("/", headers={"Accept": BROWSER})).text
    named = [word.split('"')[0] for word in index.split('"page/')[1:]]
    assert named
    for name in named:
        assert (await client.get(f"/page/{name}")).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "nothing.mjs",
        "__init__.py",
        "..%2f..%2fapp.py",
        "%2e%2e/%2e%2e/app.py",
        "%00",
        "index.html/",
    ],
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    problem(await client.get(f"/page/{name}"), "not-found")
