"""A job's place in the queue."""

import random
from typing import Any

import pytest

from connector.jobs import position, read
from connector.jobs.database import Database
from connector.jobs.states import Status
from tests.connector.jobs.bench import Bench


def place(bench: Bench, job_id: str) -> int | None:
    return bench.database.read(lambda tx: position.position(tx, job_id))


def counted(bench: Bench, job_id: str, others: list[str]) -> int | None:
    """Count the items ahead one by one."""

    def order(item: Any) -> tuple[int, str]:
        return (-item.priority, item.id)

    def waiting(job: str) -> list[Any]:
        return [item for item in bench.item_rows(job) if item.status == Status.QUEUED]

    mine = sorted(map(order, waiting(job_id)))
    if not mine:
        return None
    queue = bench.item_rows(job_id)[0].queue
    every = [order(item) for job in others for item in waiting(job) if item.queue == queue]
    return sum(each < mine[0] for each in every) + 1


def test_priority_and_age_decide_whoever_the_client_is(database: Database) -> None:
    chance = random.Random(7)
    bench = Bench(database)
    jobs = [
        bench.job(
            chance.randint(1, 4),
            chance.choice("abc"),
            priority=chance.choice((0, 0, 5)),
            queue=chance.choice(("cpu", "gpu")),
        )
        for _ in range(20)
    ]
    for _ in range(15):
        bench.claim(queues=("cpu",))
    assert [place(bench, job) for job in jobs] == [counted(bench, job, jobs) for job in jobs]
    assert place(bench, jobs[0]) == bench.database.read(
        lambda tx: read.job(tx, bench.job_row(jobs[0]).client_id, jobs[0]).queue_position
    )


def test_what_is_far_ahead_is_not_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position, "MOST", 3)
    bench = Bench(database)
    bench.job(2, "a")
    near = bench.job(1, "b")
    bench.job(4, "c", priority=1)
    far = bench.job(1, "a")
    assert place(bench, near) == 4
    assert place(bench, far) == 4
