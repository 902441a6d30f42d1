"""Callbacks as rows: claimed, sent, tried again, closed."""

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from connector.jobs import cancel, purge
from connector.jobs.database import Database
from connector.jobs.tables import clients, deliveries, delivery_attempts
from connector.webhooks import deliveries as room
from connector.webhooks.deliveries import Due, claim_due, record, secrets_of
from connector.webhooks.postman import Postman
from connector.webhooks.schedule import Verdict
from connector.webhooks.sender import Outcome, Outgoing
from tests.connector.fifo import LONG
from tests.connector.jobs.bench import Bench

TAKEN = Outcome(204, None, 0.1, Verdict.DELIVERED, None)
REFUSED = Outcome(500, "busy", 0.2, Verdict.RETRY, 30.0)
GONE = Outcome(410, "gone", 0.2, Verdict.GIVE_UP, None)


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def owed(bench: Bench, client: str = "local") -> str:
    """Make a job that ends, and so owes its client a callback; return the job's id."""
    job_id = bench.job(
        client=client,
        callback_url="https://engine.example/hook",
        callback_events=("job.cancelled",),
    )
    bench.do(cancel.cancel, client, job_id)
    return job_id


def due(bench: Bench, limit: int = 10) -> list[Due]:
    return bench.write(lambda tx: claim_due(tx, bench.now, limit))


def closed(bench: Bench, each: Due, outcome: Outcome) -> bool:
    return bench.write(lambda tx: record(tx, each, outcome, bench.now))


def row(bench: Bench) -> Any:
    return bench.database.read(lambda tx: tx.execute(select(deliveries)).one())


def log(bench: Bench) -> list[tuple[int, int | None, str | None]]:
    table = delivery_attempts
    query = select(table).order_by(table.c.number)
    rows = bench.database.read(lambda tx: tx.execute(query).all())
    return [(each.number, each.status, each.error) for each in rows]


def test_a_delivery_is_claimed_once_and_closed(bench: Bench) -> None:
    job_id = owed(bench)
    (first,) = due(bench)
    assert (first.job_id, first.attempt, first.url) == (job_id, 1, "https://engine.example/hook")
    assert first.secrets[0] not in repr(first)
    assert due(bench) == []
    assert closed(bench, first, TAKEN)
    assert (row(bench).status, row(bench).finished_at) == ("DELIVERED", bench.now)
    bench.now += 10_000
    assert due(bench) == []
    assert log(bench) == [(1, 204, None)]


def test_a_failure_is_tried_again_when_its_time_has_come(bench: Bench) -> None:
    owed(bench)
    assert closed(bench, due(bench)[0], REFUSED)
    bench.now += 29
    assert due(bench) == []
    bench.now += 1
    (second,) = due(bench)
    assert second.attempt == 2
    assert closed(bench, second, GONE)
    assert row(bench).status == "FAILED"
    assert log(bench) == [(1, 500, "busy"), (2, 410, "gone")]


def test_a_sender_that_died_loses_its_claim_and_what_it_says_later(bench: Bench) -> None:
    owed(bench)
    (dead,) = due(bench)
    bench.now += room.LEASE_SECONDS
    (other,) = due(bench)
    assert other.attempt == 1  # the same attempt: nobody knows whether it arrived
    assert closed(bench, other, REFUSED)
    assert not closed(bench, dead, TAKEN)
    assert row(bench).status == "PENDING"


def test_a_job_that_is_purged_meanwhile_takes_its_deliveries_along(bench: Bench) -> None:
    job_id = owed(bench)
    (each,) = due(bench)
    bench.write(lambda tx: purge.purge(tx, "local", job_id))
    assert not closed(bench, each, TAKEN)


def test_a_delivery_sent_again_by_hand_begins_its_schedule_anew(bench: Bench) -> None:
    owed(bench)
    assert closed(bench, due(bench)[0], GONE)
    again = update(deliveries).values(status="PENDING", attempts=0, next_at=bench.now)
    bench.write(lambda tx: tx.execute(again))
    (each,) = due(bench)
    assert each.attempt == 1
    assert closed(bench, each, TAKEN)
    assert [number for number, _, _ in log(bench)] == [1, 2]


def test_a_clients_secret_is_made_once_and_every_secret_signs(bench: Bench) -> None:
    owed(bench, "ann")
    owed(bench, "bob")
    by_client = {each.client_id: each.secrets for each in due(bench)}
    assert by_client["ann"] != by_client["bob"]
    assert all(secret.startswith("whsec_") for (secret,) in by_client.values())
    assert bench.write(lambda tx: secrets_of(tx, "ann")) == by_client["ann"]
    both = ["whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3", *by_client["ann"]]
    bench.write(lambda tx: tx.execute(update(clients).values(webhook_secrets=both)))
    assert bench.write(lambda tx: secrets_of(tx, "ann")) == tuple(both)


class Receiver:
    """Keeps what is sent to it; can be held up."""

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self.outcomes = list(outcomes)
        self.got: list[Outgoing] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()

    def send(self, outgoing: Outgoing) -> Outcome:
        self.got.append(outgoing)
        self.begun.release()
        assert self.go_on.wait(LONG)
        outcome = self.outcomes.pop(0) if self.outcomes else TAKEN
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def test_the_postman_sends_what_is_due(bench: Bench) -> None:
    owed(bench)
    receiver = Receiver()
    postman = Postman(bench.database, receiver.send, lambda: bench.now)
    assert postman.go() == 1
    postman.close()
    assert not postman.is_busy
    (got,) = receiver.got
    assert got.message_id == row(bench).id
    assert got.body == row(bench).body.encode()
    assert row(bench).status == "DELIVERED"


def test_the_postman_takes_no_more_than_it_can_carry(bench: Bench) -> None:
    for _ in range(3):
        owed(bench)
    receiver = Receiver()
    receiver.go_on.clear()
    postman = Postman(bench.database, receiver.send, lambda: bench.now, threads=2)
    assert (postman.go(), postman.go()) == (2, 0)
    assert postman.is_busy
    receiver.go_on.set()
    while postman.go() == 0:
        postman.wait(LONG)
    postman.close()
    assert len(receiver.got) == 3


def test_a_callback_that_cannot_be_signed_is_given_up(bench: Bench) -> None:
    owed(bench)
    receiver = Receiver(ValueError("no secret"))
    postman = Postman(bench.database, receiver.send, lambda: bench.now)
    postman.go()
    postman.close()
    assert row(bench).status == "FAILED"
    assert log(bench) == [(1, None, "no secret")]


def test_a_bug_leaves_the_delivery_to_the_next_lease(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    owed(bench)
    receiver = Receiver(RuntimeError("odd"))
    postman = Postman(bench.database, receiver.send, lambda: bench.now)
    postman.go()
    postman.close()
    assert "odd" in caplog.text
    bench.now += room.LEASE_SECONDS
    assert postman_again(bench) == "DELIVERED"


def postman_again(bench: Bench) -> str:
    postman = Postman(bench.database, Receiver().send, lambda: bench.now)
    postman.go()
    postman.close()
    return str(row(bench).status)
