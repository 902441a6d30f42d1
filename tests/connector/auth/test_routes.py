"""Every route asks who calls, or is open on purpose; and another client's things are not there."""

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from connector.app import create_app
from connector.auth.scopes import ALL, Scope
from connector.jobs import numbers
from connector.settings import Settings
from tests.connector.auth.conftest import bearing, key_of
from tests.connector.problem import problem
from tests.connector.sample_steps import registry
from tests.connector.workshop import Workshop

pytestmark = pytest.mark.anyio

OPEN = {
    "GET /",
    "GET /page/{name}",
    "GET /openapi.json",
    "GET /health/live",
    "GET /health/ready",
    "GET /actuator/health",
    "GET /actuator/info",
}
"""Needs nobody: says nothing about any client. A route is put here on purpose, and by nothing else."""
KNOWN = {
    "GET /v1/steps",
    "GET /v1/steps/{step}",
    "GET /v1/templates",
    "GET /job/template-names",
}
"""Needs a caller, and no scope: what the installation can do."""
SCOPES = {
    "POST /v1/steps/{step}/run": Scope.STEPS_RUN,
    "POST /v1/jobs": Scope.STEPS_RUN,
    "POST /v1/files": Scope.STEPS_RUN,
    "DELETE /v1/files/{file_id}": Scope.STEPS_RUN,
    "POST /job/create": Scope.STEPS_RUN,
    "POST /jadice/{step}": Scope.STEPS_RUN,
    "GET /v1/jobs": Scope.JOBS_READ,
    "GET /v1/jobs/{job_id}": Scope.JOBS_READ,
    "GET /v1/jobs/{job_id}/items": Scope.JOBS_READ,
    "GET /v1/jobs/{job_id}/parts/{part_id}/content": Scope.JOBS_READ,
    "GET /v1/jobs/{job_id}/results.zip": Scope.JOBS_READ,
    "GET /v1/jobs/{job_id}/events": Scope.JOBS_READ,
    "GET /v1/jobs/{job_id}/deliveries": Scope.JOBS_READ,
    "GET /v1/files/{file_id}": Scope.JOBS_READ,
    "GET /v1/files/{file_id}/content": Scope.JOBS_READ,
    "GET /job/execution/{execution_id}": Scope.JOBS_READ,
    "GET /job/result/{execution_id}": Scope.JOBS_READ,
    "POST /v1/jobs/{job_id}/cancel": Scope.JOBS_CANCEL,
    "POST /v1/jobs/{job_id}/retry": Scope.JOBS_CANCEL,
    "DELETE /v1/jobs/{job_id}": Scope.JOBS_CANCEL,
    "POST /v1/jobs/{job_id}/deliveries/{delivery_id}/redeliver": Scope.JOBS_CANCEL,
    "GET /metrics": Scope.METRICS_READ,
    "GET /actuator/prometheus": Scope.METRICS_READ,
}
"""What each route needs: a new one is added here, and by that somebody has thought about it."""
PLAIN = {"step": "echo", "name": "index.html"}
"""Values in paths that belong to nobody."""


def routes_of(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Yield verb and path of every route, however deep it was included."""
    for route in routes:
        if hasattr(route, "original_router"):  # FastAPI includes routers as they are
            assert not route.include_context.prefix
            yield from routes_of(route.original_router.routes)
            continue
        for verb in sorted(set(route.methods) - {"HEAD"}):
            yield verb, route.path
        assert isinstance(route, APIRoute) or route.path == "/openapi.json"


def names() -> list[str]:
    return [f"{verb} {path}" for verb, path in routes_of(create_app(Settings(), registry).routes)]


def test_every_route_was_thought_about() -> None:
    found = names()
    assert sorted(found) == sorted(OPEN | KNOWN | set(SCOPES))
    assert len(set(found)) == len(found)


def test_no_body_is_read_before_the_caller_is_known() -> None:
    """FastAPI reads a body that a route declares before anything else: 128 MiB of a stranger's."""

    def declared(routes: Iterable[Any]) -> Iterator[str]:
        for route in routes:
            if hasattr(route, "original_router"):
                yield from declared(route.original_router.routes)
            elif getattr(route, "body_field", None) is not None:
                yield route.path

    assert list(declared(create_app(Settings(), registry).routes)) == []


async def ask(
    http: httpx.AsyncClient, name: str, values: dict[str, str], **more: Any
) -> httpx.Response:
    verb, path = name.split(" ")
    return await http.request(verb, path.format_map(PLAIN | values), **more)


ANYTHING = {"job_id": "x", "part_id": "x", "file_id": "x", "delivery_id": "x", "execution_id": "1"}


@pytest.mark.parametrize("name", sorted(OPEN))
async def test_what_is_open_needs_nobody(http: httpx.AsyncClient, name: str) -> None:
    assert (await ask(http, name, {})).status_code == 200


async def test_nothing_else_is_given_to_nobody(http: httpx.AsyncClient) -> None:
    for name in sorted(KNOWN | set(SCOPES)):
        answer = await ask(http, name, ANYTHING)
        problem(answer, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="retusche"'


@pytest.mark.parametrize(
    "headers",
    [
        bearing("rtk_0123456789ab_" + "x" * 43),
        bearing("anything"),
        bearing("a.b.c"),
        {"X-API-Key": "rtk_0123456789ab_" + "x" * 43},
    ],
)
async def test_nothing_else_is_given_to_a_wrong_key(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await http.get("/v1/jobs", headers=headers)
    problem(answer, "token-invalid")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_each_route_asks_for_its_scope_and_no_other(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    for scope in Scope:
        without = bearing(key_of(workshop, scopes=ALL - {scope}))
        for name, needed in SCOPES.items():
            answer = await ask(http, name, ANYTHING, headers=without)
            if needed is scope:
                problem(answer, "scope-missing")
                challenge = answer.headers["WWW-Authenticate"]
                assert f'error="insufficient_scope", scope="{scope}"' in challenge
            else:
                assert answer.status_code not in (401, 403), name
        for name in KNOWN:
            assert (await ask(http, name, {}, headers=without)).status_code == 200


def data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


async def things_of(
    http: httpx.AsyncClient, workshop: Workshop, headers: dict[str, str], png: bytes
) -> dict[str, str]:
    """Make a job with a callback, finish it, upload a file; return every id."""
    job = {
        "steps": [{"step": "echo"}],
        "items": [{"id": "a", "parts": [{"url": data_url(png)}]}],
        "callback": {"url": "https://engine.example/", "events": ["job.finished"]},
    }
    made = await http.post("/v1/jobs", json=job, headers=headers)
    job_id = made.json()["id"]
    workshop.work()
    items = await http.get(f"/v1/jobs/{job_id}/items", headers=headers)
    sent = await http.get(f"/v1/jobs/{job_id}/deliveries", headers=headers)
    file = await http.post("/v1/files", content=png, headers=headers)
    number = workshop.database.write(lambda tx: numbers.number_of(tx, job_id))
    return {
        "job_id": job_id,
        "part_id": items.json()["items"][0]["parts"][0]["id"],
        "delivery_id": sent.json()["deliveries"][0]["id"],
        "file_id": file.json()["id"],
        "execution_id": str(number),
    }


async def test_another_clients_things_are_not_there(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    owner, other = bearing(key_of(workshop, "acme")), bearing(key_of(workshop, "other"))
    things = await things_of(http, workshop, owner, png)
    with_an_id = sorted(
        (name for name in names() if any(f"{{{thing}}}" in name for thing in things)),
        key=lambda name: name.startswith("DELETE"),  # last: they take the things away
    )
    assert len(with_an_id) >= 14
    for name in with_an_id:
        theirs = await ask(http, name, things, headers=other)
        body = problem(theirs, "not-found")
        nowhere = {thing: "9" if thing == "execution_id" else "01NOSUCHTHING" for thing in things}
        same = problem(await ask(http, name, nowhere, headers=other), "not-found")
        assert body["title"] == same["title"]
    for name in with_an_id:
        answer = await ask(http, name, things, headers=owner)
        assert answer.status_code in (200, 202, 204, 409), name  # 409: too late to cancel


async def test_another_clients_files_are_no_source(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    owner, other = bearing(key_of(workshop, "acme")), bearing(key_of(workshop, "other"))
    things = await things_of(http, workshop, owner, png)
    for url in (
        f"/v1/files/{things['file_id']}",
        f"/v1/jobs/{things['job_id']}/parts/{things['part_id']}/content",
    ):
        job = {"steps": [{"step": "echo"}], "items": [{"id": "a", "parts": [{"url": url}]}]}
        assert (await http.post("/v1/jobs", json=job, headers=other)).status_code == 422
        assert (await http.post("/v1/jobs", json=job, headers=owner)).status_code == 202


async def test_lists_and_keys_of_idempotency_are_ones_own(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    owner, other = bearing(key_of(workshop, "acme")), bearing(key_of(workshop, "other"))
    things = await things_of(http, workshop, owner, png)
    assert (await http.get("/v1/jobs", headers=other)).json()["jobs"] == []
    found = (await http.get("/v1/jobs", headers=owner)).json()["jobs"]
    assert [job["id"] for job in found] == [things["job_id"]]
    job = {"steps": [{"step": "echo"}], "items": [{"id": "a", "parts": [{"url": data_url(png)}]}]}
    same = {"Idempotency-Key": "1"}
    ids = {
        (await http.post("/v1/jobs", json=job, headers=each | same)).json()["id"]
        for each in (owner, other, owner)
    }
    assert len(ids) == 2


async def test_a_signed_link_needs_no_key_and_opens_nothing_else(
    http: httpx.AsyncClient, workshop: Workshop, png: bytes
) -> None:
    owner = bearing(key_of(workshop))
    made = (await http.post("/v1/files", content=png, headers=owner)).json()
    assert (await http.get(made["contentUrl"])).content == png
    bare, _, query = made["contentUrl"].partition("?")
    problem(await http.get(bare), "unauthenticated")
    problem(await http.get(f"{made['url']}?{query}"), "unauthenticated")
    problem(await http.get(made["contentUrl"] + "x"), "link-invalid")
    problem(await http.get(bare + "?token="), "link-invalid")
