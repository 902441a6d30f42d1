"""A disk without room: nothing half-written, nothing lost, and all goes on once there is room again."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from connector.jobs.tables import attempts
from tests.faults import ledger
from tests.faults.client import Client
from tests.faults.stack import Stack, stack
from tests.faults.steps import stamped_hash

pytestmark = [pytest.mark.slow, pytest.mark.faults]

MIB = 1024 * 1024
COPIES = 16
SOURCE_BYTES = MIB // COPIES
"""A result has a mebibyte."""
ITEMS = 4
SECONDS = 60.0


@contextmanager
def _small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Give a file system of its own. Where none may be mounted: skipped, an error where CI promises it."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True, check=False)
    if made.returncode:
        if os.environ.get("CI"):
            raise OSError(made.stderr)
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _fill(filler: Path) -> None:
    """Write until nothing more fits."""
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            return


def _wait_for_a_failure(found: Stack) -> None:
    """Wait until an attempt has failed for lack of room; it tells nobody but the database."""
    failed = select(attempts.c.item_id).where(
        attempts.c.outcome == "failed", attempts.c.code == "storage-unavailable"
    )
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if found.database.read(lambda tx: tx.execute(failed).first()):
            return
        time.sleep(0.02)
    raise TimeoutError("no attempt failed")


def test_a_full_disk_loses_nothing_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    source = os.urandom(SOURCE_BYTES)
    with (
        _small_disk(tmp_path / "disk", 16) as disk,
        stack("redis", tmp_path, workers=1, files=disk / "files", max_attempts=20) as found,
        Client(found.url) as client,
    ):
        url = client.upload(source, "source.bin")
        before = set(found.files.hashes())
        filler = disk / "filler"
        _fill(filler)
        items = [{"id": str(index), "parts": [{"url": url}]} for index in range(ITEMS)]
        job_id = client.create(
            "full", {"steps": [{"step": "stamp", "parameters": {"copies": COPIES}}], "items": items}
        )
        _wait_for_a_failure(found)
        assert set(found.files.hashes()) == before
        assert list((disk / "files" / "staging").iterdir()) == []

        refused = client.once("POST", "/v1/files", content=os.urandom(MIB))
        assert (refused.status_code, refused.json()["code"]) == (503, "storage-unavailable")
        assert refused.json()["retryable"] is True
        assert list((disk / "files" / "staging").iterdir()) == []

        filler.unlink()
        assert client.ended(job_id, SECONDS)["status"] == "FINISHED"
        assert ledger.results(found.database) == {
            (job_id, str(index)): stamped_hash(str(index), source, COPIES) for index in range(ITEMS)
        }
        assert ledger.faults(found.database) == []
        assert ledger.file_faults(found.database, found.files) == []
        print(f"\nfull disk: {ledger.books(found.database)}")
