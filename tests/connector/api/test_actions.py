"""Cancel, retry, delete, and sending callbacks again."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.connector.api.conftest import SOURCE
from tests.connector.fifo import Fifo
from tests.connector.problem import problem
from tests.connector.workshop import Workshop

pytestmark = pytest.mark.anyio


async def created(http: httpx.AsyncClient, step: str = "echo", **more: Any) -> dict[str, Any]:
    parameters = more.pop("parameters", {})
    body = {
        "steps": [{"step": step, "parameters": parameters}],
        "items": [{"parts": [{"url": SOURCE}]}],
    }
    answer = await http.post("/v1/jobs", json=body | more)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


async def test_what_waits_is_cancelled_at_once(http: httpx.AsyncClient, workshop: Workshop) -> None:
    job = await created(http)
    for _ in range(2):
        answer = await http.post(job["links"]["cancel"])
        assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    assert workshop.work() == 0


async def test_what_runs_is_asked_to_stop(
    http: httpx.AsyncClient, workshop: Workshop, fifo: Fifo
) -> None:
    job = await created(http, "probe", parameters={"notify": str(fifo)})
    workshop.begin()
    fifo.started()
    answer = await http.post(job["links"]["cancel"])
    assert answer.status_code == 202
    assert [message["code"] for message in answer.json()["messages"]] == ["cancel-requested"]
    assert fifo.line() == "cancelled"
    ended = await http.get(job["links"]["self"], headers={"Prefer": "wait=30"})
    assert ended.json()["status"] == "CANCELLED"


async def test_what_has_ended_is_not_cancelled(http: httpx.AsyncClient, workshop: Workshop) -> None:
    job = await created(http)
    workshop.work()
    body = problem(await http.post(job["links"]["cancel"]), "conflict")
    assert body["jobId"] == job["id"]


async def test_retry_runs_what_failed(http: httpx.AsyncClient, workshop: Workshop) -> None:
    del workshop.sources[SOURCE]  # an unexpected error of the worker: step-failed
    job = await created(http)
    assert (await http.post(job["links"]["retry"])).status_code == 200  # it waits already
    workshop.work()
    assert (await http.get(job["links"]["self"])).json()["status"] == "FAILED"
    workshop.rung.clear()
    answer = await http.post(job["links"]["retry"])
    assert (answer.status_code, answer.json()["status"]) == (202, "QUEUED")
    assert len(workshop.rung) == 1
    workshop.sources[SOURCE] = b"x"
    workshop.work()
    assert (await http.get(job["links"]["self"])).json()["status"] == "FINISHED"


async def test_nothing_to_retry(http: httpx.AsyncClient, workshop: Workshop) -> None:
    job = await created(http)
    workshop.work()
    problem(await http.post(job["links"]["retry"]), "conflict")


async def test_delete_removes_job_and_files(http: httpx.AsyncClient, workshop: Workshop) -> None:
    job = await created(http)
    problem(await http.delete(job["links"]["self"]), "conflict")
    workshop.work()
    assert list(workshop.files.hashes())
    assert (await http.delete(job["links"]["self"])).status_code == 204
    problem(await http.get(job["links"]["self"]), "not-found")
    assert list(workshop.files.hashes()) == []


async def test_callbacks_are_listed_and_sent_again(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    job = await created(http, callback={"url": "https://engine.example/hook"})
    address = f"{job['links']['self']}/deliveries"
    assert (await http.get(address)).json() == {"deliveries": []}
    workshop.work()
    (delivery,) = (await http.get(address)).json()["deliveries"]
    assert (delivery["type"], delivery["status"]) == ("job.finished", "PENDING")
    assert delivery["nextAttemptAt"]
    workshop.database.write(_give_up)
    (delivery,) = (await http.get(address)).json()["deliveries"]
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("FAILED", None)
    assert delivery["attempts"][0]["status"] == 500
    answer = await http.post(f"{address}/{delivery['id']}/redeliver")
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    assert answer.json()["finishedAt"] is None
    problem(await http.post(f"{address}/msg_1/redeliver"), "not-found")


def _give_up(tx: Any) -> None:
    tx.execute(text("UPDATE deliveries SET status = 'FAILED', attempts = 1, finished_at = 5"))
    tx.execute(
        text(
            "INSERT INTO delivery_attempts (delivery_id, number, at, seconds, status, error) "
            "SELECT id, 1, 5, 0.25, 500, 'no' FROM deliveries"
        )
    )
