"""A worker that is told to end hands its item back at once; a cancelled step stops within seconds."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from connector.jobs.tables import attempts, items
from tests.faults import ledger
from tests.faults.client import Client, Line
from tests.faults.stack import Stack, stack
from tests.faults.steps import stamped, stamped_hash

pytestmark = [pytest.mark.slow, pytest.mark.faults]

SECONDS = 60.0
BACK_SECONDS = 3.0
"""From SIGTERM until the item waits again: the step looks every few milliseconds."""
CANCEL_SECONDS = 2.0
"""From the request until the item is cancelled."""
MARGIN_SECONDS = 2.0
"""For a machine that is busy with something else."""
LONG_STEP = 600_000
"""Milliseconds: nobody waits for its end."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack("redis", tmp_path_factory.mktemp("ending"), workers=2) as running:
        yield running


@pytest.fixture
def client(found: Stack) -> Iterator[Client]:
    with Client(found.url) as speaking:
        yield speaking


def test_a_worker_that_ends_hands_its_item_to_another(
    found: Stack, client: Client, pictures: list[bytes]
) -> None:
    job_id = _begin(client, "ends", pictures[0], milliseconds=4000)
    first = found.worker(_holder(found, job_id))
    told_at = time.time()
    assert first.terminate() == 0
    job = client.ended(job_id, SECONDS)
    first.start()

    assert job["status"] == "FINISHED"
    with found.database.reading() as tx:
        mine = select(attempts).join(items, items.c.id == attempts.c.item_id)
        told = tx.execute(mine.where(items.c.job_id == job_id).order_by(attempts.c.number)).all()
    assert [each.outcome for each in told] == ["returned", "finished"]
    assert told[0].ended_at - told_at < BACK_SECONDS + MARGIN_SECONDS
    assert told[1].worker_id != told[0].worker_id
    assert ledger.results(found.database)[job_id, "1"] == stamped_hash("1", pictures[0])
    assert ledger.faults(found.database) == []
    first.wait_ready()


def test_a_cancellation_reaches_a_running_step(
    found: Stack, client: Client, pictures: list[bytes]
) -> None:
    job_id = _begin(client, "cancelled", pictures[0], milliseconds=LONG_STEP)
    _holder(found, job_id)
    asked_at = time.time()
    assert client.call("POST", f"/v1/jobs/{job_id}/cancel").status_code == 202
    lines = client.events(job_id, SECONDS)

    cancelled = next(line for line in lines if line.type == "item.cancelled")
    assert _at(cancelled) - asked_at < CANCEL_SECONDS + MARGIN_SECONDS
    assert lines[-1].type == "job.cancelled"
    assert client.job(job_id)["counts"]["cancelled"] == 1
    print(f"\ncancelled after {_at(cancelled) - asked_at:.2f} s")


def test_a_result_that_comes_too_late_is_refused_and_deleted(
    found: Stack, client: Client, pictures: list[bytes]
) -> None:
    job_id = _begin(client, "late", pictures[0], milliseconds=2000, signed=True)
    hung = found.worker(_holder(found, job_id))
    hung.pause()
    try:
        job = client.ended(job_id, SECONDS)
    finally:
        hung.resume()
    hung.wait_for("the lease was lost; another worker has the item")
    hung.wait_for("an attempt ended")

    assert job["status"] == "FINISHED"
    expected = stamped("1", pictures[0])
    result = found.files.read(ledger.results(found.database)[job_id, "1"])
    assert result.removeprefix(expected).decode() != str(hung.pid)
    assert ledger.faults(found.database) == []
    assert ledger.file_faults(found.database, found.files) == []


def _begin(
    client: Client, key: str, picture: bytes, *, milliseconds: int, signed: bool = False
) -> str:
    url = client.upload(picture, "a.png")
    return client.create(
        key,
        {
            "steps": [
                {"step": "stamp", "parameters": {"milliseconds": milliseconds, "signed": signed}}
            ],
            "items": [{"id": "1", "parts": [{"url": url}]}],
        },
    )


def _holder(found: Stack, job_id: str) -> str:
    """Wait until the job's item is worked on; return the worker. Events tell it to nobody."""
    wanted = select(items.c.worker_id).where(items.c.job_id == job_id, items.c.status == "RUNNING")
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        worker_id = found.database.read(lambda tx: tx.execute(wanted).scalar())
        if worker_id is not None:
            return str(worker_id)
        time.sleep(0.02)
    raise TimeoutError(f"no worker took job {job_id}")


def _at(line: Line) -> float:
    return datetime.fromisoformat(line.data["at"]).timestamp()
