"""What the keeper does when it is due, with a clock set by hand."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from connector.jobs import cancel, claim, filed, finish
from connector.jobs.database import Database
from connector.jobs.errors import DatabaseUnavailable, JobNotFound
from connector.jobs.purge import purge
from connector.jobs.states import Status
from connector.jobs.waiting import MOST_BELLS, Bell
from connector.queue import keeper as room
from connector.queue.keeper import Keeper
from connector.storage.store import FileStore
from connector.webhooks.postman import Postman
from connector.webhooks.schedule import Verdict
from connector.webhooks.sender import Outcome, Outgoing
from tests.connector.jobs.bench import RULES, Bench


class Board:
    """A doorbell whose queue is as long as the test says."""

    def __init__(self) -> None:
        self.rung: list[Bell] = []
        self.unanswered = 0

    def ring(self, bells: Sequence[Bell]) -> None:
        self.rung += bells

    def waiting(self, queue: str) -> int:
        return self.unanswered


class House:
    def __init__(self, database: Database, folder: Path) -> None:
        self.bench = Bench(database)
        self.board = Board()
        self.sent: list[Outgoing] = []
        self.files = FileStore.open(str(folder), durable=False)
        self.postman = Postman(database, self.send, lambda: self.bench.now)
        self.keeper = Keeper(
            database, self.files, self.board, self.postman, RULES, lambda: self.bench.now
        )

    def send(self, outgoing: Outgoing) -> Outcome:
        self.sent.append(outgoing)
        return Outcome(204, None, 0.1, Verdict.DELIVERED, None)

    def later(self, seconds: float) -> None:
        self.bench.now += seconds
        self.keeper.round()


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(database, tmp_path / "files")


def test_a_lost_item_is_brought_back(house: House) -> None:
    job_id = house.bench.job()
    house.bench.claimed()
    house.later(29)
    assert house.bench.item_rows(job_id)[0].status == Status.RUNNING
    house.later(2)
    assert house.bench.item_rows(job_id)[0].status == Status.QUEUED


def test_living_workers_keep_their_items_through_an_outage_of_the_database(house: House) -> None:
    job_id = house.bench.job()
    held = house.bench.claimed()
    house.later(29)
    house.bench.now += 60
    house.keeper.settle()  # what the loop does at each round that fails
    house.later(1)
    assert house.bench.item_rows(job_id)[0].status == Status.RUNNING
    assert house.bench.do(claim.renew, held).held
    house.later(room.SETTLING_SECONDS)
    assert house.bench.item_rows(job_id)[0].status == Status.RUNNING
    house.later(RULES.lease_seconds)
    assert house.bench.item_rows(job_id)[0].status == Status.QUEUED


def test_a_bell_that_nobody_answers_is_rung_again_every_five_seconds(house: House) -> None:
    house.bench.job()  # whoever makes a job rings for it
    house.later(4)
    assert house.board.rung == []
    house.later(5)  # the keeper's next look at the bells
    assert len(house.board.rung) == 1
    house.later(4)
    assert len(house.board.rung) == 1
    house.later(1)
    assert len(house.board.rung) == 2


def test_no_bell_is_added_where_bells_hang_unanswered(house: House) -> None:
    house.board.unanswered = MOST_BELLS
    house.bench.job()
    house.later(room.RING_SECONDS)
    assert house.board.rung == []
    house.board.unanswered = MOST_BELLS - 1
    house.later(room.RING_SECONDS)
    assert len(house.board.rung) == 1


def test_what_outlived_its_time_is_deleted_with_its_files(house: House) -> None:
    stored = house.files.put(b"old")
    bench = house.bench
    known = [filed.Filed(sha256=stored.sha256, size_bytes=3)]
    bench.write(lambda tx: filed.touch(tx, known, bench.now))
    bench.write(lambda tx: filed.settle(tx, [stored.sha256], bench.now))
    jobs = [bench.job() for _ in range(45)]  # more than one transaction deletes
    for _ in jobs:
        assert bench.do(finish.finish, bench.claimed(), [], [])
    house.later(RULES.retention_seconds + 1)
    for job_id in jobs:
        with pytest.raises(JobNotFound):
            bench.write(lambda tx, job_id=job_id: purge(tx, "local", job_id))  # type: ignore[misc]
    assert list(house.files.hashes()) == []


def test_callbacks_are_sent(house: House) -> None:
    events = ("job.cancelled",)
    job_id = house.bench.job(callback_url="https://e.example/", callback_events=events)
    house.bench.do(cancel.cancel, "local", job_id)
    house.later(1)
    house.postman.close()
    assert len(house.sent) == 1


def test_a_database_that_is_away_is_told_once_and_the_rounds_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "ROUND_SECONDS", 0.0)
    ended = threading.Event()
    rounds: list[int] = []

    def one_round() -> None:
        rounds.append(1)
        if len(rounds) == 5:
            ended.set()
        elif len(rounds) == 4:
            raise RuntimeError("odd")
        elif len(rounds) < 3:
            raise DatabaseUnavailable("away")

    monkeypatch.setattr(house.keeper, "round", one_round)
    with caplog.at_level(logging.INFO, room.__name__):
        room._keep(house.keeper, house.postman, ended)
    assert caplog.messages == [
        "a round failed; trying again",
        "the keeper's round succeeds again",
        "unexpected error in a round",
    ]
