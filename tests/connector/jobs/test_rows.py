"""Creating, retrying, deleting; files that are never unknown; the tables themselves."""

import json
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from connector.jobs import cancel, create, filed, finish, purge, retry
from connector.jobs.create import IdempotencyKey
from connector.jobs.database import TRIES, Database
from connector.jobs.errors import DatabaseUnavailable, JobNotFound, KeyReused, QueueFull, TooLate
from connector.jobs.ids import LENGTH, new_id
from connector.jobs.migrate import SchemaOutdated, check, differences, upgrade
from connector.jobs.model import Failure, MadePart, NewItem, NewJob, NewPart, StepCall
from connector.jobs.states import Status
from connector.jobs.tables import clients, deliveries, events, files, items, parts
from tests.connector.jobs.bench import RULES, Bench

FAILURE = Failure(code="step-failed", detail="it broke")
ITEMS = [NewItem(name="0", parts=(NewPart(url="https://example.org/a.png"),))]
A, B = "a" * 64, "b" * 64


def new_job(client: str = "local") -> NewJob:
    return NewJob(id=new_id(), client_id=client, steps=(StepCall(step="stub"),))


def made(sha256: str) -> MadePart:
    return MadePart(
        id=new_id(),
        step=0,
        type="BASE_PART",
        role="source",
        filename="a.png",
        mime_type="image/png",
        sha256=sha256,
        size_bytes=1,
        width=1,
        height=1,
    )


def touch(bench: Bench, *hashes: str) -> float:
    known = [filed.Filed(sha256=sha256, size_bytes=1) for sha256 in hashes]
    bench.write(lambda tx: filed.touch(tx, known, bench.now))
    return bench.now


def sweep(bench: Bench, among: list[str] | None = None) -> list[str]:
    removed: list[str] = []
    bench.write(lambda tx: filed.sweep(tx, removed.append, bench.now, among=among))
    return sorted(removed)


def test_ids_rise_and_have_one_length() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert {len(each) for each in ids} == {LENGTH}


def test_the_migrations_make_the_very_tables_and_can_run_twice(database: Database) -> None:
    assert upgrade(database) == upgrade(database)
    check(database)
    assert differences(database) == []


def test_a_database_without_tables_is_refused_with_what_to_do(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(SchemaOutdated, match="retusche db upgrade"):
        check(database)


def test_a_program_of_the_release_before_starts_beside_a_later_database(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/later.db")
    upgrade(database)
    later = text("UPDATE alembic_version SET version_num = '9999'")
    database.write(lambda tx: tx.execute(later))
    check(database)


def test_a_database_that_cannot_be_reached_is_told_as_such() -> None:
    pauses: list[float] = []
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing", sleep=pauses.append)
    with pytest.raises(DatabaseUnavailable, match="cannot be reached") as caught:
        database.write(lambda tx: None)
    assert "nobody" not in caught.value.detail
    assert len(pauses) == TRIES - 1
    assert 1 < sum(pauses) < 5


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///:memory:", "sqlite://"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SQLite needs the absolute path|must begin with"):
        Database(url)


def test_creating_the_same_job_twice_makes_one(database: Database) -> None:
    bench = Bench(database)
    bench.write(lambda tx: create.ensure_client(tx, "local", bench.now))
    job = new_job()
    for _ in range(2):
        assert bench.do(create.create, job, ITEMS).job_id == job.id
    assert len(bench.item_rows(job.id)) == 1


def test_an_idempotency_key_gives_the_first_job_for_a_day(database: Database) -> None:
    bench = Bench(database)
    bench.write(lambda tx: create.ensure_client(tx, "local", bench.now))
    bench.write(lambda tx: create.ensure_client(tx, "other", bench.now))
    key = IdempotencyKey(key="k", fingerprint=A)
    first = bench.do(create.create, new_job(), ITEMS, key=key)
    again = bench.do(create.create, new_job(), ITEMS, key=key)
    assert (again.job_id, again.is_new) == (first.job_id, False)
    with pytest.raises(KeyReused):
        bench.do(create.create, new_job(), ITEMS, key=IdempotencyKey(key="k", fingerprint=B))
    assert bench.do(create.create, new_job("other"), ITEMS, key=key).is_new
    bench.now += key.seconds
    assert bench.do(create.create, new_job(), ITEMS, key=key).is_new


def test_a_client_has_no_more_waiting_than_it_may(database: Database) -> None:
    bench = Bench(database)
    bench.job(2)
    with pytest.raises(QueueFull, match="its limit of 2"):
        bench.do(create.create, new_job(), ITEMS, max_queued=2)
    bench.claimed()
    assert bench.do(create.create, new_job(), ITEMS, max_queued=2).is_new
    bench.write(lambda tx: tx.execute(clients.update().values(max_queued=1)))
    with pytest.raises(QueueFull, match="its limit of 1"):
        bench.do(create.create, new_job(), ITEMS, max_queued=100)


def test_a_refused_job_leaves_nothing(database: Database) -> None:
    bench = Bench(database)
    bench.job(1)
    before = bench.write(lambda tx: tx.execute(select(func.count()).select_from(items)).scalar())
    with pytest.raises(QueueFull):
        bench.do(create.create, new_job(), ITEMS * 3, max_queued=2)
    after = bench.write(lambda tx: tx.execute(select(func.count()).select_from(items)).scalar())
    assert before == after == 1


def test_a_retry_runs_the_failed_ones_with_fresh_attempts_and_leaves_the_others(
    database: Database,
) -> None:
    bench = Bench(database)
    job = bench.job(3)
    assert bench.do(finish.finish, bench.claimed(), [], [])
    for _ in range(2):
        assert bench.do(finish.fail, bench.claimed(), FAILURE)
    assert bench.job_row(job).status == Status.FAILED
    assert bench.do(retry.retry, "local", job) == 2
    assert bench.do(retry.retry, "local", job) == 0
    for _ in range(2):
        assert bench.do(finish.finish, bench.claimed(), [], [])
    row = bench.job_row(job)
    assert (row.status, row.error_code) == (Status.FINISHED, None)
    with pytest.raises(TooLate):
        bench.do(retry.retry, "local", job)


def test_another_clients_job_is_not_there(database: Database) -> None:
    bench = Bench(database)
    job = bench.job()
    for verb in (cancel.cancel, retry.retry):
        with pytest.raises(JobNotFound):
            bench.do(verb, "other", job)
    with pytest.raises(JobNotFound):
        bench.write(lambda tx: purge.purge(tx, "other", job))


def test_a_callback_is_written_with_the_change_and_once(database: Database) -> None:
    bench = Bench(database)
    asked: dict[str, Any] = {
        "callback_url": "https://engine.example/hook",
        "callback_events": ("job.finished",),
    }
    job = bench.job(2, **asked)
    first, second = bench.claimed(), bench.claimed()
    assert bench.do(finish.finish, first, [], [])
    count = select(func.count()).select_from(deliveries)
    assert bench.write(lambda tx: tx.execute(count).scalar()) == 0
    for _ in range(2):
        assert bench.do(finish.finish, second, [], [])
    (row,) = bench.write(lambda tx: tx.execute(select(deliveries)).all())
    body = json.loads(row.body)
    assert (body["type"], body["data"]["id"]) == ("job.finished", job)
    assert body["data"]["counts"]["finished"] == 2
    assert len(row.body) < 20_000


def test_a_callback_comes_only_for_the_events_asked_for(database: Database) -> None:
    bench = Bench(database)
    bench.job(callback_url="https://engine.example/hook", callback_events=("job.failed",))
    assert bench.do(finish.finish, bench.claimed(), [], [])
    assert bench.write(lambda tx: tx.execute(select(deliveries)).all()) == []


def test_files_live_as_long_as_something_refers_to_them(database: Database) -> None:
    bench = Bench(database)
    touched = touch(bench, A, B)
    jobs = []
    for sha256 in (A, A, B):
        jobs.append(bench.job())
        new = [made(sha256)]
        assert bench.do(finish.finish, bench.claimed(), new, [], touched_at=touched)
    assert sweep(bench) == []
    hashes = bench.write(lambda tx: purge.purge(tx, "local", jobs[0]))
    assert sweep(bench, hashes) == []  # the second job has the same content
    hashes = bench.write(lambda tx: purge.purge(tx, "local", jobs[1]))
    assert sweep(bench, hashes) == [A]
    assert bench.write(lambda tx: tx.execute(select(files.c.sha256)).scalars().all()) == [B]


def test_a_file_that_was_only_touched_is_kept_for_its_writer_and_then_swept(
    database: Database,
) -> None:
    bench = Bench(database)
    touch(bench, A)
    bench.now += filed.GRACE_SECONDS - 1
    assert sweep(bench) == []
    bench.now += 2
    assert sweep(bench) == [A]


def test_a_file_that_a_second_writer_touched_is_not_swept_under_it(database: Database) -> None:
    bench = Bench(database)
    first = touch(bench, A)
    bench.now += 1
    touch(bench, A)
    bench.write(lambda tx: filed.settle(tx, [A], first))
    assert sweep(bench) == []


def test_a_job_is_deleted_only_when_it_has_ended_and_then_whole(database: Database) -> None:
    bench = Bench(database)
    job = bench.job(2)
    with pytest.raises(TooLate, match="cancel it first"):
        bench.write(lambda tx: purge.purge(tx, "local", job))
    bench.do(cancel.cancel, "local", job)
    bench.write(lambda tx: purge.purge(tx, "local", job))
    for table in (items, parts, events):
        count = select(func.count()).select_from(table)
        assert database.read(lambda tx, count=count: tx.execute(count).scalar()) == 0  # type: ignore[misc]


def test_what_outlived_its_time_goes(database: Database) -> None:
    bench = Bench(database)
    old, running = bench.job(), bench.job()
    assert bench.do(finish.finish, bench.claimed(), [], [])
    bench.now += RULES.retention_seconds - 1
    bench.write(lambda tx: purge.expire(tx, bench.now))
    assert bench.item_rows(old)
    bench.now += 1
    bench.write(lambda tx: purge.expire(tx, bench.now))
    assert bench.item_rows(old) == []
    assert bench.item_rows(running)


def test_a_file_that_is_gone_is_never_referred_to(database: Database) -> None:
    """Where the sweep was first, a reference to the file is refused, not left dangling."""
    bench = Bench(database)
    bench.job()
    held = bench.claimed()
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        bench.do(finish.finish, held, [made(A)], [])
    bench.write(lambda tx: tx.execute(insert(files).values(sha256=A, size_bytes=1, touched_at=0.0)))
    assert bench.do(finish.finish, held, [made(A)], [])
