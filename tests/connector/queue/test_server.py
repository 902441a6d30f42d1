"""The one thread that works."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.jobs.errors import DatabaseUnavailable
from connector.queue import server as room
from connector.queue.server import Server
from tests.connector.fifo import LONG

NEVER = 3600.0
"""Seconds: a look that no test waits for."""


class Work:
    """What waits; `serve_one` takes one, and can be held up."""

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self.looks = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.errors: list[Exception] = []
        self.threads: set[int] = set()
        self.served = 0

    def serve_one(self) -> bool:
        self.threads.add(threading.get_ident())
        try:
            if self.errors:
                raise self.errors.pop(0)
            if self.count == 0:
                return False
            self.begun.release()
            assert self.go_on.wait(LONG)
            self.count -= 1
            self.served += 1
            return True
        finally:
            self.looks.release()

    def looked(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.looks.acquire(timeout=LONG)


Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    made: list[Server] = []

    def begin(work: Work, idle_seconds: float = NEVER) -> Server:
        server = Server(work.serve_one, idle_seconds=idle_seconds)
        server.start()
        made.append(server)
        return server

    yield begin
    for server in made:
        server.end()
        assert server.join(LONG)


def test_what_waits_at_the_start_needs_no_bell(start: Start) -> None:
    work = Work(3)
    start(work)
    work.looked(4)
    assert work.served == 3


def test_a_bell_is_answered_until_nothing_waits(start: Start) -> None:
    work = Work()
    server = start(work)
    work.looked()
    work.count = 5
    assert server.answer() is False
    assert work.served == 5
    assert len(work.threads) == 1


def test_it_looks_by_itself_when_no_bell_rings(start: Start) -> None:
    work = Work()
    start(work, idle_seconds=0.001)
    work.looked(2)
    work.count = 1
    assert work.begun.acquire(timeout=LONG)


def test_a_bell_during_work_is_answered_by_a_look_that_began_after_it(start: Start) -> None:
    work = Work(1)
    work.go_on.clear()
    server = start(work)
    assert work.begun.acquire(timeout=LONG)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(server.answer)
        work.go_on.set()
        assert answer.result(LONG) is False
    assert work.served == 1


def test_a_slice_ends_between_two_items(start: Start) -> None:
    work = Work()
    server = start(work)
    work.looked()
    work.count = 10**9
    assert server.answer(slice_seconds=0.0) is True
    work.count = 0


def test_a_long_item_holds_its_bell_no_longer_than_the_broker_stands(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "HOLD_SECONDS", 0.01)
    work = Work(1)
    work.go_on.clear()
    server = start(work)
    assert server.answer() is True
    work.go_on.set()


def test_a_database_that_is_away_is_told_once_and_looked_for_again(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(1)
    work.errors = [DatabaseUnavailable("away") for _ in range(3)]
    with caplog.at_level(logging.INFO, room.__name__):
        start(work, idle_seconds=0.001)
        work.looked(5)
    messages = [record.message for record in caplog.records]
    assert len([m for m in messages if m.startswith("the database is away")]) == 1
    assert "the database is back" in messages
    assert work.served == 1


def test_an_unexpected_error_does_not_end_the_worker(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(1)
    work.errors = [RuntimeError("odd")]
    start(work, idle_seconds=0.001)
    work.looked(2)
    assert work.served == 1
    assert "odd" in caplog.text


def test_the_end_lets_go_of_whoever_waits(start: Start) -> None:
    work = Work(2)
    work.go_on.clear()
    server = start(work)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(server.answer)
        assert work.begun.acquire(timeout=LONG)
        server.end()
        assert answer.result(LONG) is False
    assert not server.join(0.001)  # the item at hand has not ended
    work.go_on.set()
    assert server.join(LONG)
    assert work.served == 1
