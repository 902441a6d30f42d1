"""Whole processes: supervisor, workers, keeper, on every broker, with what may happen to them."""

import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connector.jobs import cancel, create, filed, waiting
from connector.jobs.database import Database
from connector.jobs.ids import new_id
from connector.jobs.migrate import upgrade
from connector.jobs.model import NewItem, NewJob, NewPart, StepCall
from connector.jobs.states import TERMINAL, Status
from connector.jobs.tables import attempts, items, jobs, workers
from connector.queue.celery_app import PREFIX
from connector.queue.doorbell import CeleryDoorbell
from connector.queue.figures import Figures
from connector.queue.supervisor import Supervisor
from connector.settings import Settings
from connector.storage.store import FileStore
from tests.connector.fifo import LONG, Fifo
from tests.connector.postgresql import fresh_database
from tests.connector.queue import noop
from tests.connector.services import broker

pytestmark = pytest.mark.slow

LOOK_SECONDS = 0.02
"""Between two looks at the database: other processes change it, and SQLite tells nobody."""


@dataclass
class Plant:
    """An installation of one machine."""

    settings: Settings
    database: Database
    supervisor: Supervisor
    doorbell: CeleryDoorbell
    files: FileStore

    def job(self, step: str, count: int = 1, **parameters: str) -> str:
        """Create a job as the API does, and ring for it."""
        now = time.time()
        stored = self.files.put(b"source")
        known = [filed.Filed(sha256=stored.sha256, size_bytes=stored.size)]
        part = NewPart(sha256=stored.sha256, size_bytes=stored.size, filename="a.bin")
        job = NewJob(
            id=new_id(),
            client_id="local",
            steps=(StepCall(step=step, parameters=parameters),),
            queue=self.settings.worker_queues[0],
        )
        its = [NewItem(name=str(number), parts=(part,)) for number in range(count)]
        self.database.write(lambda tx: create.ensure_client(tx, "local", now))
        self.database.write(lambda tx: filed.touch(tx, known, now))
        self.database.write(
            lambda tx: create.create(tx, job, its, now, self.settings.rules(), touched_at=now)
        )
        self.doorbell.ring(
            self.database.write(lambda tx: waiting.bells_of_job(tx, job.id, now)),
        )
        return job.id

    def row(self, job_id: str) -> Any:
        return self.database.read(
            lambda tx: tx.execute(select(jobs).where(jobs.c.id == job_id)).one()
        )

    def outcomes(self, job_id: str) -> list[str | None]:
        query = (
            select(attempts.c.outcome)
            .join(items, items.c.id == attempts.c.item_id)
            .where(items.c.job_id == job_id)
            .order_by(attempts.c.item_id, attempts.c.number)
        )
        return list(self.database.read(lambda tx: tx.execute(query).scalars().all()))

    def ended(self, job_id: str) -> Any:
        """Return the job's row once it has ended."""
        return self.until(lambda: self.row(job_id).status in TERMINAL) and self.row(job_id)

    def until(self, is_so: Any) -> bool:
        deadline = time.monotonic() + LONG
        while not is_so():
            assert time.monotonic() < deadline, "it does not come to that"
            time.sleep(LOOK_SECONDS)
        return True

    def workers(self) -> list[Any]:
        return list(self.database.read(lambda tx: tx.execute(select(workers)).all()))


def delete_queue(doorbell: CeleryDoorbell, queue: str) -> None:
    """Leave nothing in a broker that others use too."""
    with doorbell._app.connection_for_write() as connection, connection.channel() as channel:
        channel.queue_delete(PREFIX + queue)


KINDS = ["filesystem-sqlite", "redis-postgresql", "rabbitmq-postgresql"]


@pytest.fixture
def plant(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    """Two workers and a keeper, on the broker and the database that the test names."""
    kind, _, database_kind = getattr(request, "param", KINDS[0]).partition("-")
    with ExitStack() as stack:
        url = "" if database_kind == "sqlite" else stack.enter_context(fresh_database("queue"))
        settings = Settings(
            data_dir=tmp_path,
            database_url=url,
            broker_url=broker(kind),
            workers=2,
            worker_queues=(f"test-{uuid.uuid4().hex}",),
            warm=False,
            lease_seconds=30,
            shutdown_seconds=10,
        )
        database = Database(settings.database)
        upgrade(database)
        supervisor = Supervisor(settings, noop.registry)
        supervisor.start()
        doorbell = CeleryDoorbell(settings)
        made = Plant(settings, database, supervisor, doorbell, FileStore.open(settings.files))
        try:
            made.until(lambda: sum(row.ready for row in made.workers()) == 2)
            yield made
        finally:
            supervisor.close()
            delete_queue(doorbell, settings.worker_queues[0])
            doorbell.close()
            database.close()


@pytest.mark.parametrize("plant", KINDS, indirect=True)
def test_every_item_of_a_job_ends_once(plant: Plant) -> None:
    row = plant.ended(plant.job("noop", 60))
    assert (row.status, row.finished) == (Status.FINISHED, 60)
    assert plant.outcomes(row.id) == ["finished"] * 60
    plant.until(
        lambda: (
            sum(
                Figures.from_json(each.metrics).attempts.get("finished", 0)
                for each in plant.workers()
            )
            == 60
        )
    )


def test_a_killed_worker_costs_an_attempt_and_no_time_of_its_lease(
    plant: Plant, fifo: Fifo
) -> None:
    job_id = plant.job("waiting", notify=str(fifo))
    first = fifo.started()
    os.kill(first, signal.SIGKILL)
    second = fifo.started()
    assert second != first
    rules = plant.settings.rules()
    plant.database.write(lambda tx: cancel.cancel(tx, "local", job_id, time.time(), rules))
    assert plant.ended(job_id).status == Status.CANCELLED
    assert plant.outcomes(job_id) == ["lost", "cancelled"]


def test_a_poison_item_ends_after_three_attempts_and_harms_no_other(plant: Plant) -> None:
    poison, others = plant.job("poison"), plant.job("noop", 5)
    row = plant.ended(poison)
    assert (row.status, row.error_code) == (Status.FAILED, "worker-lost")
    assert plant.outcomes(poison) == ["lost"] * 3
    assert plant.ended(others).status == Status.FINISHED


def test_a_worker_that_is_told_to_end_hands_its_item_back(plant: Plant, fifo: Fifo) -> None:
    job_id = plant.job("waiting", notify=str(fifo))
    os.kill(fifo.started(), signal.SIGTERM)
    fifo.started()
    assert plant.outcomes(job_id) == ["returned"]
    plant.supervisor.close()
    assert plant.row(job_id).status == Status.QUEUED
    assert plant.outcomes(job_id) == ["returned", "returned"]


def test_without_any_doorbell_the_workers_find_what_waits(plant: Plant) -> None:
    plant.doorbell.ring = lambda bells: None  # type: ignore[method-assign]
    assert plant.ended(plant.job("noop", 3)).status == Status.FINISHED
