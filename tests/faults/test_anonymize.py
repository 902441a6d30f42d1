"""A real step under faults: the same bytes with and without a killed worker."""

import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import pytest
from sqlalchemy import select

from connector.jobs.tables import items
from tests.faults import ledger
from tests.faults.client import Client
from tests.faults.stack import Stack, stack
from tests.steps.backends.detection.photos import photo

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.weights]

ITEMS = 2
SECONDS = 120.0
WIDTH = 240
"""px: small enough for seconds, large enough that the people are found."""


def test_a_killed_worker_changes_no_byte_of_a_result(tmp_path: Path) -> None:
    with (
        stack("redis", tmp_path, workers=2) as found,
        Client(found.url) as client,
    ):
        urls = [client.upload(each, "bus.png") for each in _pictures()]
        calm = client.ended(_begin(client, "calm", urls), SECONDS)
        job_id = _begin(client, "killed", urls)
        _kill_in_the_middle(found, job_id)
        killed = client.ended(job_id, SECONDS)

        assert (calm["status"], killed["status"]) == ("FINISHED", "FINISHED")
        results = ledger.results(found.database)
        for index in range(ITEMS):
            name = str(index)
            assert results[killed["id"], name] == results[calm["id"], name]
        assert len(set(results.values())) == ITEMS, "the pictures differ, and so do their results"
        assert ledger.books(found.database).attempts["lost"] == 1
        assert ledger.faults(found.database) == []
        ledger.sweep_as_later(found.database, found.files, time.time())
        assert ledger.file_faults(found.database, found.files) == []
        print(f"\nanonymize: {ledger.books(found.database)}")


def _pictures() -> list[bytes]:
    bus = photo("bus")
    height = round(bus.shape[0] * WIDTH / bus.shape[1])
    small = cv2.resize(bus, (WIDTH, height), interpolation=cv2.INTER_AREA)
    flipped = small[:, ::-1]
    return [
        cv2.imencode(".png", cv2.cvtColor(each, cv2.COLOR_RGB2BGR))[1].tobytes()
        for each in (small, flipped)
    ]


def _begin(client: Client, key: str, urls: Sequence[str]) -> str:
    given = [{"id": str(index), "parts": [{"url": url}]} for index, url in enumerate(urls)]
    return client.create(key, {"steps": [{"step": "anonymize"}], "items": given})


def _kill_in_the_middle(found: Stack, job_id: str) -> None:
    """Kill a worker as soon as it has told of progress on an item: it is in the middle of the step."""
    busy = select(items.c.worker_id).where(
        items.c.job_id == job_id, items.c.status == "RUNNING", items.c.progress > 0
    )
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        worker_id = found.database.read(lambda tx: tx.execute(busy).scalar())
        if worker_id is not None:
            victim = found.worker(str(worker_id))
            victim.kill()
            victim.start()
            return
        time.sleep(0.02)
    raise TimeoutError("no worker told of progress")
