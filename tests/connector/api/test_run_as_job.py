"""What `/run` leaves behind: minutes without a key, a day with one, a job when time runs out."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.connector.problem import pointers, problem
from tests.connector.workshop import Workshop, open_service, settings_in

pytestmark = pytest.mark.anyio

RUN = "/v1/steps/echo/run"
PNG = {"Content-Type": "image/png"}


def kept(workshop: Workshop) -> list[tuple[str, float | None]]:
    """Return (kind, seconds that it is kept after its end) of each job."""

    def look(tx: Any) -> list[tuple[str, float | None]]:
        rows = tx.execute(text("SELECT kind, expires_at - finished_at FROM jobs ORDER BY id"))
        return [(kind, seconds and round(seconds)) for kind, seconds in rows]

    return workshop.database.read(look)


@pytest.fixture
def ringing(tmp_path: Path) -> Workshop:
    return Workshop(settings_in(tmp_path))


@pytest.fixture
async def running(anyio_backend: str, ringing: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(ringing.settings, workshop=ringing) as client:
        yield client
    ringing.close()


async def test_a_run_is_kept_for_minutes_and_not_listed(
    running: httpx.AsyncClient, ringing: Workshop, png: bytes
) -> None:
    assert (await running.post(RUN, content=png, headers=PNG)).status_code == 200
    assert kept(ringing) == [("run", 600)]
    assert (await running.get("/v1/jobs")).json()["jobs"] == []


async def test_a_run_with_a_key_is_done_once_and_kept(
    running: httpx.AsyncClient, ringing: Workshop, png: bytes
) -> None:
    key = {"Idempotency-Key": "k"}
    for boundary in "ab":  # a client that tries again draws a new boundary
        head = {"Content-Type": f"multipart/form-data; boundary={boundary}"} | key
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
            f"Content-Type: image/png\r\n\r\n".encode()
            + png
            + f"\r\n--{boundary}--\r\n".encode()
        )
        answer = await running.post(RUN, content=body, headers=head)
        assert answer.content == png
    assert kept(ringing) == [("job", 86400)]
    other = await running.post(RUN, content=png, headers=PNG | key)
    assert pointers(problem(other, "idempotency-key-reused")) == ["Idempotency-Key"]


async def test_a_run_out_of_time_becomes_a_job(tmp_path: Path, png: bytes) -> None:
    settings = settings_in(tmp_path, run_timeout_seconds=0.01)
    workshop = Workshop(settings, rings=False)
    async with open_service(settings, workshop=workshop) as http:
        answer = await http.post(RUN, content=png, headers=PNG)
        assert (answer.status_code, answer.json()["status"]) == (202, "QUEUED")
        assert answer.headers["retry-after"] == "1"
        workshop.work()
        job = (await http.get(answer.headers["location"])).json()
        assert job["status"] == "FINISHED"
        assert (await http.get(job["items"][0]["parts"][1]["url"])).content == png
    assert kept(workshop) == [("job", 86400)]
    workshop.close()


async def test_a_failed_run_names_its_job(running: httpx.AsyncClient, png: bytes) -> None:
    query = {"behaviour": "error", "error": "ResidualDetections"}
    answer = await running.post("/v1/steps/probe/run", params=query, content=png, headers=PNG)
    body = problem(answer, "residual-detections")
    job = (await running.get(f"/v1/jobs/{body['jobId']}")).json()
    assert job["status"] == "FAILED"
    assert [message["code"] for message in job["messages"]] == ["kept-shortly"]
