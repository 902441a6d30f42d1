"""Starting, mourning and ending processes; the processes are doubles with a real descriptor."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.jobs.database import Database
from connector.jobs.migrate import upgrade
from connector.queue import supervisor as room
from connector.queue.supervisor import Supervisor
from connector.settings import Settings
from tests.connector.fifo import LONG
from tests.connector.jobs.bench import Bench
from tests.connector.queue import noop


class Process:
    """Lives until it is told otherwise; its sentinel becomes ready then."""

    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        self.kind = target.__name__
        self.options = arguments[-1]
        self.sentinel, self._mine = os.pipe()
        self.exitcode: int | None = None
        self.pid = self.sentinel
        self.stubborn = False
        self.ended_by = ""

    def die(self, code: int = -9) -> None:
        self.exitcode = code
        os.close(self._mine)

    def terminate(self) -> None:
        if not self.stubborn:
            self.ended_by = "SIGTERM"
            self.die(0)

    def kill(self) -> None:
        self.ended_by = "SIGKILL"
        self.die()

    def join(self, seconds: float | None = None) -> None:
        """Do nothing; it has ended, or does not."""

    def is_alive(self) -> bool:
        return self.exitcode is None

    def close(self) -> None:
        os.close(self.sentinel)


class Nursery:
    """Starts doubles instead of processes, and can be waited on."""

    def __init__(self) -> None:
        self.born: list[Process] = []
        self.births = threading.Semaphore(0)
        self.fail = 0

    def start(self, target: Callable[..., None], *arguments: Any) -> Process:
        if self.fail:
            self.fail -= 1
            self.births.release()
            raise OSError(11, "no more processes")
        self.born.append(Process(target, *arguments))
        self.births.release()
        return self.born[-1]

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.births.acquire(timeout=LONG)

    def of(self, kind: str) -> list[Process]:
        return [process for process in self.born if process.kind == kind]


@pytest.fixture
def nursery(monkeypatch: pytest.MonkeyPatch) -> Nursery:
    made = Nursery()
    monkeypatch.setattr(room, "_started", made.start)
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, workers=2, shutdown_seconds=0)


@pytest.fixture
def supervisor(settings: Settings, nursery: Nursery) -> Iterator[Supervisor]:
    made = Supervisor(settings, noop.registry)
    made.start()
    nursery.wait(3)
    yield made
    made.close()


def test_workers_and_one_keeper_are_started_and_ended(
    supervisor: Supervisor, nursery: Nursery
) -> None:
    assert (len(nursery.of("work")), len(nursery.of("keep"))) == (2, 1)
    assert supervisor.alive == 3
    names = {process.options.name for process in nursery.of("work")}
    assert len(names) == 2
    supervisor.close()
    assert supervisor.alive == 0
    assert {process.ended_by for process in nursery.born} == {"SIGTERM"}


def test_one_that_died_is_started_again_at_once_and_under_another_name(
    supervisor: Supervisor, nursery: Nursery
) -> None:
    first = nursery.of("work")[0]
    first.die()
    nursery.wait()
    assert len(nursery.of("work")) == 3
    assert nursery.of("work")[2].options.name != first.options.name


def test_one_that_dies_at_its_start_is_started_ever_more_rarely() -> None:
    place = room._Place(kind="worker", start=lambda name: None)  # type: ignore[arg-type,return-value]
    pauses = []
    now = 0.0
    for _ in range(8):
        place.started_at = now
        pauses.append(place.died(now + 1))
        now += 1 + pauses[-1]
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30]
    place.started_at = now
    assert place.died(now + room.SOUND_SECONDS) == 0


def test_a_process_that_cannot_be_started_is_tried_again(
    settings: Settings, nursery: Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    nursery.fail = 1
    supervisor = Supervisor(settings, noop.registry)
    supervisor.start()
    nursery.wait(4)
    supervisor.close()
    assert len(nursery.born) == 3
    assert "a process cannot be started" in caplog.messages


def test_the_items_of_a_dead_worker_come_back_at_once(settings: Settings, nursery: Nursery) -> None:
    database = Database(settings.database)
    upgrade(database)
    bench = Bench(database)
    job_id = bench.job(2)
    supervisor = Supervisor(settings, noop.registry)
    supervisor.start()
    nursery.wait(3)
    first, second = nursery.of("work")
    bench.claimed(first.options.name)
    bench.claimed(second.options.name)
    first.die()
    nursery.wait()
    leases = {row.worker_id: row.lease_until for row in bench.item_rows(job_id)}
    assert leases[first.options.name] == 0
    assert leases[second.options.name] == bench.now + 30
    supervisor.close()
    database.close()


def test_one_that_does_not_end_is_killed(
    supervisor: Supervisor, nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MARGIN_SECONDS", 0.0)
    released: list[str] = []
    monkeypatch.setattr(supervisor, "_release", released.append)
    stubborn = nursery.of("work")[1]
    stubborn.stubborn = True
    supervisor.close()
    assert stubborn.ended_by == "SIGKILL"
    assert released == [stubborn.options.name]
