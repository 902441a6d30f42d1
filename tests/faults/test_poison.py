"""An item that kills its worker fails after three attempts, and harms no other."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from connector.jobs.tables import attempts, items
from tests.faults import ledger
from tests.faults.client import Client
from tests.faults.stack import stack

pytestmark = [pytest.mark.slow, pytest.mark.faults]

ITEMS = 50
POISONOUS = "25"
SECONDS = 60.0
"""Three starts of a worker and the pauses before them; a sound run takes a fourth of it."""


def test_a_poison_item_fails_alone(pictures: list[bytes], tmp_path: Path) -> None:
    with (
        stack("embedded", tmp_path, workers=2) as found,
        Client(found.url) as client,
    ):
        url = client.upload(pictures[0], "a.png")
        given = [
            {
                "id": str(index),
                "parts": [{"url": url}],
                "processingProperties": {"poison": str(index) == POISONOUS},
            }
            for index in range(ITEMS)
        ]
        began = time.monotonic()
        job_id = client.create("poison", {"steps": [{"step": "poison"}], "items": given})
        job = client.ended(job_id, SECONDS)
        seconds = time.monotonic() - began

        assert job["status"] == "FAILED"
        assert (job["counts"]["finished"], job["counts"]["failed"]) == (ITEMS - 1, 1)
        (bad,) = [item for item in client.items(job_id) if item["status"] == "FAILED"]
        assert (bad["id"], bad["error"]["code"], bad["attempts"]) == (POISONOUS, "worker-lost", 3)
        with found.database.reading() as tx:
            mine = select(attempts.c.outcome, attempts.c.worker_id).join(
                items, items.c.id == attempts.c.item_id
            )
            lost = tx.execute(mine.where(items.c.name == POISONOUS)).all()
        assert [each.outcome for each in lost] == ["lost"] * 3
        assert len({each.worker_id for each in lost}) == 3
        assert ledger.faults(found.database) == []
        print(f"\npoison: {seconds:.1f} s, {ledger.books(found.database)}")
