"""Many items while workers, broker, database, keeper and API are broken: each ends exactly once.

What is lost on the way is told by the counts that the test prints (`pytest -s`).
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from connector.jobs.tables import deliveries
from tests.faults import ledger
from tests.faults.chaos import Chaos, Fault, restart
from tests.faults.client import Client
from tests.faults.receiver import Receiver
from tests.faults.stack import Kind, Stack, stack
from tests.faults.steps import stamped_hash

pytestmark = [pytest.mark.slow, pytest.mark.faults]

ITEMS_PER_JOB = 50
LONGEST_SECONDS = 300.0
"""For a job to end; on a machine that does nothing else all of them take a minute."""
MAX_ATTEMPTS = 10
"""Three would do for an item that is killed by chance now and then; not for a thousand under a kill a second."""
CALLBACK_SECONDS = 60.0
"""For the last callback: its second attempt comes 5 to 6 s after the first, the third 30 to 36 s later."""


@dataclass
class Sent:
    """A job as it was sent."""

    key: str
    expected: dict[str, str]
    """SHA-256 of the result by the item's name."""
    id: str = ""


def test_a_thousand_items_over_redis_and_postgresql(pictures: list[bytes], tmp_path: Path) -> None:
    _storm("redis", 20, pictures, tmp_path)


def test_a_thousand_items_over_rabbitmq_and_postgresql(
    pictures: list[bytes], tmp_path: Path
) -> None:
    _storm("rabbitmq", 20, pictures, tmp_path)


def test_two_hundred_items_embedded(pictures: list[bytes], tmp_path: Path) -> None:
    _storm("embedded", 4, pictures, tmp_path)


def _storm(kind: Kind, jobs: int, pictures: list[bytes], folder: Path) -> None:
    with Receiver() as receiver, _running(kind, folder, receiver) as (found, client):
        # Fewer items take longer, so that there is time for every fault.
        sent = _send(client, jobs, pictures, receiver, pace=60 if kind == "embedded" else 10)
        total = jobs * ITEMS_PER_JOB
        began = time.monotonic()
        planned = _planned(found)
        with Chaos(found, total, planned) as chaos:
            watched = client.events(sent[0].id, LONGEST_SECONDS)
            ends = [client.ended(each.id, LONGEST_SECONDS) for each in sent]
        seconds = time.monotonic() - began
        _wait_for_callbacks(found, jobs)
        said = ledger.books(found.database)
        print(f"\n{kind}: {total} items in {seconds:.0f} s, {dict(chaos.done)}")
        print(f"  {said}; {receiver.repeated()} callbacks repeated")
        print(f"  {client.repeated} calls repeated")

        assert [end["status"] for end in ends] == ["FINISHED"] * jobs
        assert said.items == {"FINISHED": total}
        assert ledger.faults(found.database) == []
        assert ledger.results(found.database) == _expected(sent)
        numbers = [line.id for line in watched]
        assert numbers == sorted(set(numbers)), "the stream repeated or lost its order"
        assert sum(line.type == "item.finished" for line in watched) == ITEMS_PER_JOB
        assert chaos.done["workers killed"] >= 2
        assert {each.name for each in planned} <= chaos.done.keys(), "the work ended too soon"
        _check_callbacks(found, receiver, sent)
        _check_files(found, client, sent)


def _planned(found: Stack) -> Sequence[Fault]:
    faults = [Fault("API killed", 0.35, lambda: restart(found.api))]
    if found.broker is not None:
        broker = found.broker
        faults.append(Fault("broker stopped", 0.1, broker.stop, broker.start, seconds=3.0))
    if found.database_proxy is not None:
        proxy = found.database_proxy
        faults += [
            Fault("database cut", 0.25, proxy.cut),
            Fault("keeper killed", 0.45, lambda: restart(found.keepers[0])),
            Fault("database away", 0.6, proxy.refuse, proxy.heal, seconds=2.0),
            Fault("database cut again", 0.8, proxy.cut),
        ]
    return faults


@contextmanager
def _running(kind: Kind, folder: Path, receiver: Receiver) -> Iterator[tuple[Stack, Client]]:
    hosts = f'["{receiver.origin}"]'
    workers = 2 if kind == "embedded" else 4
    with (
        stack(kind, folder, workers=workers, fetch_hosts=hosts, max_attempts=MAX_ATTEMPTS) as found,
        Client(found.url) as client,
    ):
        yield found, client


def _send(
    client: Client, jobs: int, pictures: list[bytes], receiver: Receiver, *, pace: int
) -> list[Sent]:
    """Send the jobs. Half of the names stand in every job, so that results are shared as sources are."""
    urls = [client.upload(each, f"{index}.png") for index, each in enumerate(pictures)]
    sent = []
    for number in range(jobs):
        key = f"job-{number}"
        items, expected = [], {}
        for index in range(ITEMS_PER_JOB):
            name = f"{index}" if index % 2 else f"{key}-{index}"
            which = index % len(pictures)
            items.append({"id": name, "parts": [{"url": urls[which]}]})
            expected[name] = stamped_hash(name, pictures[which])
        milliseconds = pace + 40 * number // jobs
        job = {
            "steps": [{"step": "stamp", "parameters": {"milliseconds": milliseconds}}],
            "items": items,
            "callback": {"url": f"{receiver.origin}/hook"},
            "correlation": key,
        }
        sent.append(Sent(key, expected, client.create(key, job)))
        assert client.create(key, job) == sent[-1].id, "the same key made another job"
    return sent


def _expected(sent: Sequence[Sent]) -> dict[tuple[str, str], str]:
    return {(job.id, name): sha256 for job in sent for name, sha256 in job.expected.items()}


def _wait_for_callbacks(found: Stack, jobs: int) -> None:
    """Wait until none is pending. No one tells of a delivery, so the database is asked."""
    deadline = time.monotonic() + CALLBACK_SECONDS
    pending = select(deliveries.c.id).where(deliveries.c.status == "PENDING")
    while time.monotonic() < deadline:
        if not found.database.read(lambda tx: tx.execute(pending).first()):
            return
        time.sleep(0.1)
    raise TimeoutError(f"callbacks are pending: {ledger.books(found.database)}")


def _check_callbacks(found: Stack, receiver: Receiver, sent: Sequence[Sent]) -> None:
    by_job = receiver.ids_by_job()
    assert {job.id for job in sent} == by_job.keys()
    assert all(len(ids) == 1 for ids in by_job.values()), "one event came under two ids"
    assert ledger.books(found.database).deliveries == {"DELIVERED": len(sent)}
    assert receiver.repeated() > 0
    receiver.verify_all(ledger.secret(found.database))


def _check_files(found: Stack, client: Client, sent: Sequence[Sent]) -> None:
    """Every file is referred to and there; half of the jobs deleted, theirs are gone and no others."""
    ledger.sweep_as_later(found.database, found.files, time.time())
    assert ledger.file_faults(found.database, found.files) == []
    gone, kept = sent[::2], sent[1::2]
    for job in gone:
        client.call("DELETE", f"/v1/jobs/{job.id}")
    assert ledger.results(found.database) == _expected(kept)
    assert ledger.file_faults(found.database, found.files) == []
    stay = set(_expected(kept).values())
    left = set(found.files.hashes())
    assert stay <= left
    assert not left & (set(_expected(gone).values()) - stay)
