from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from connector.app import create_app
from connector.runner.messages import Catalogue
from connector.settings import Settings
from tests.connector import sample_steps
from tests.connector.problem import problem

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def service(
    catalogue: Catalogue, *, worked: bool = True, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Start an app; `worked`: after its worker answered once (or could not be started)."""
    app = create_app(Settings(**settings), catalogue)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http,
    ):
        if worked:
            await http.post(
                "/v1/steps/echo/run", content=b"x", headers={"Content-Type": "image/png"}
            )
        yield http


async def test_ready(client: httpx.AsyncClient, png: bytes) -> None:
    await client.post("/v1/steps/echo/run", content=png, headers={"Content-Type": "image/png"})
    for path in ("/health/live", "/health/ready", "/actuator/health"):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "UP"


async def test_info(client: httpx.AsyncClient) -> None:
    info = (await client.get("/actuator/info")).json()
    assert info["build"]["name"] == "retusche"
    assert info["steps"] == {"copy": "1.0.0", "echo": "1.2.3", "probe": "1.0.0"}


async def test_not_ready_before_a_worker_is() -> None:
    async with service(sample_steps.registry, worked=False) as http:
        assert "ready yet" in problem(await http.get("/health/ready"), "not-ready")["detail"]
        assert (await http.get("/health/live")).status_code == 200


async def test_damaged_weights_are_reported() -> None:
    async with service(sample_steps.registry, warm=True) as http:
        answer = await http.get("/health/ready")
        assert "probe.onnx is damaged" in problem(answer, "not-ready")["detail"]
        health = await http.get("/actuator/health")
        assert health.status_code == 503
        assert health.json()["status"] == "DOWN"
        assert health.json()["components"]["workers"]["details"]["faults"]


async def test_a_default_model_that_cannot_be_used_is_reported() -> None:
    async with service(sample_steps.dependent, worked=False) as http:
        problem(await http.get("/health/ready"), "not-ready")
        components = (await http.get("/actuator/health")).json()["components"]
        (fault,) = components["models"]["details"]["faults"]
        assert fault.startswith("dependent: ")
        assert "diffusion" in fault


async def test_workers_that_cannot_start_are_reported() -> None:
    async with service(sample_steps.broken_in_workers) as http:
        answer = await http.get("/health/ready")
        assert "no worker process can be started" in problem(answer, "not-ready")["detail"]
