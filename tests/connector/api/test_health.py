"""Whether the service says that it can work, and what is wrong where it cannot."""

import shutil
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.connector import sample_steps
from tests.connector.problem import problem
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio


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


async def test_not_ready_without_a_worker(tmp_path: Path) -> None:
    async with open_service(settings_in(tmp_path), ready=False) as http:
        assert (
            "no worker is there" in problem(await http.get("/health/ready"), "not-ready")["detail"]
        )
        assert (await http.get("/health/live")).status_code == 200


async def test_not_ready_before_a_worker_is(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    workshop = Workshop(settings)
    workshop.presence.leave()
    async with open_service(settings, workshop=workshop, ready=False) as http:
        assert "ready yet" in problem(await http.get("/health/ready"), "not-ready")["detail"]
    workshop.close()


async def test_not_ready_with_a_worker_that_says_nothing_any_more(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    workshop = Workshop(settings)
    workshop.presence.ready()
    workshop.database.write(
        lambda tx: tx.execute(text("UPDATE workers SET seen_at = seen_at - 16"))
    )
    async with open_service(settings, workshop=workshop, ready=False) as http:
        assert (
            "no worker is there" in problem(await http.get("/health/ready"), "not-ready")["detail"]
        )
    workshop.close()


async def test_models_that_a_worker_could_not_load_are_reported(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    workshop = Workshop(settings)
    workshop.presence.ready(["probe: probe.onnx is damaged"])
    async with open_service(settings, workshop=workshop, ready=False) as http:
        answer = await http.get("/health/ready")
        assert "probe.onnx is damaged" in problem(answer, "not-ready")["detail"]
        health = await http.get("/actuator/health")
        assert health.status_code == 503
        assert health.json()["status"] == "DOWN"
        assert health.json()["components"]["workers"]["details"]["faults"]
        assert health.json()["components"]["database"]["status"] == "UP"
    workshop.close()


async def test_a_default_model_that_cannot_be_used_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_WEIGHTS_DIR", str(tmp_path / "empty"))
    async with open_service(settings_in(tmp_path), sample_steps.dependent) as http:
        problem(await http.get("/health/ready"), "not-ready")
        components = (await http.get("/actuator/health")).json()["components"]
        (fault,) = components["models"]["details"]["faults"]
        assert fault.startswith("dependent: ")
        assert "stylization" in fault
        assert "diffusion" not in fault


async def test_models_are_not_asked_for_where_no_worker_of_this_installation_runs(
    tmp_path: Path,
) -> None:
    settings = settings_in(tmp_path, workers=0)
    async with open_service(settings, sample_steps.dependent) as http:
        assert (await http.get("/health/ready")).status_code == 200


async def test_tables_of_another_version_are_reported(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    workshop = Workshop(settings)
    workshop.presence.ready()
    workshop.database.write(lambda tx: tx.execute(text("DELETE FROM alembic_version")))
    async with open_service(settings, workshop=workshop) as http:
        detail = problem(await http.get("/health/ready"), "not-ready")["detail"]
        assert "retusche db upgrade" in detail
    workshop.close()


async def test_a_storage_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with open_service(settings) as http:
        shutil.rmtree(tmp_path / "files")
        (tmp_path / "files").write_text("not a folder")
        problem(await http.get("/health/ready"), "not-ready")
        components = (await http.get("/actuator/health")).json()["components"]
        assert components["storage"]["status"] == "DOWN"
