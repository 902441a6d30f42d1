"""Waiting for a job: told at once, on SQLite and on PostgreSQL, and whatever happens meanwhile."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from connector.api.waiting import Hub
from connector.api.watching import PostgresWatch, watch_of
from connector.jobs import cancel, create, purge, read
from connector.jobs.database import Database
from connector.jobs.ids import new_id
from connector.jobs.migrate import upgrade
from connector.jobs.model import NewItem, NewJob, NewPart, Rules, StepCall

pytestmark = pytest.mark.anyio

POSTGRES = os.environ.get("RETUSCHE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
LONG = 30.0
RULES = Rules()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'r.db'}")
        upgrade(made)
        yield made
        made.close()
        return
    try:
        admin = psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no PostgreSQL")
    name = f"retusche_hub_{os.getpid()}"
    admin.execute(f"DROP DATABASE IF EXISTS {name}")
    admin.execute(f"CREATE DATABASE {name}")
    made = Database(f"{POSTGRES.replace('postgresql:', 'postgresql+psycopg:')}/{name}")
    upgrade(made)
    yield made
    made.close()
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture
def hub(database: Database) -> Iterator[Hub]:
    made = Hub(watch_of(database.url))
    made.start()
    yield made
    made.close()


def created(database: Database) -> str:
    job = NewJob(id=new_id(), client_id="local", steps=(StepCall(step="echo"),))
    items = [NewItem(name="1", parts=(NewPart(url="https://h/x"),))]
    now = time.time()
    database.write(lambda tx: create.ensure_client(tx, "local", now))
    database.write(lambda tx: create.create(tx, job, items, now, RULES))
    return job.id


def cancelled(database: Database, job_id: str) -> None:
    database.write(lambda tx: cancel.cancel(tx, "local", job_id, time.time(), RULES))


async def test_an_end_is_told(hub: Hub, database: Database) -> None:
    job_id = created(database)
    waiting = asyncio.create_task(hub.ended(job_id, LONG))
    assert not await hub.ended(job_id, 0.0)
    await asyncio.to_thread(cancelled, database, job_id)
    assert await waiting
    assert await hub.ended(job_id, LONG)  # what is over is told at once


async def test_an_event_is_told_once(hub: Hub, database: Database) -> None:
    job_id = created(database)
    assert await hub.changed(job_id, 0, LONG)
    last = database.read(lambda tx: read.events_of(tx, job_id, after=0))[-1].id
    assert not await hub.changed(job_id, last, 0.01)
    waiting = asyncio.create_task(hub.changed(job_id, last, LONG))
    await asyncio.to_thread(cancelled, database, job_id)
    assert await waiting


async def test_many_wait_for_many(hub: Hub, database: Database) -> None:
    job_ids = [created(database) for _ in range(5)]
    waiting = [asyncio.create_task(hub.ended(job_id, LONG)) for job_id in job_ids * 3]
    for job_id in job_ids:
        await asyncio.to_thread(cancelled, database, job_id)
    assert all(await asyncio.gather(*waiting))


async def test_a_job_that_is_gone_keeps_nobody(hub: Hub, database: Database) -> None:
    assert await hub.ended(new_id(), LONG)
    job_id = created(database)
    waiting = asyncio.create_task(hub.ended(job_id, LONG))
    await asyncio.to_thread(cancelled, database, job_id)
    await asyncio.to_thread(database.write, lambda tx: purge.purge(tx, "local", job_id))
    assert await waiting


async def test_who_waits_is_let_go_at_the_end(hub: Hub, database: Database) -> None:
    job_id = created(database)
    waiting = asyncio.create_task(hub.ended(job_id, LONG))
    await asyncio.sleep(0)  # lets it begin
    hub.release()
    assert not await waiting
    assert not await hub.changed(job_id, 0, LONG)


async def test_who_waits_for_a_picture_may_stay_while_the_service_drains(
    hub: Hub, database: Database
) -> None:
    job_id = created(database)
    watching = asyncio.create_task(hub.ended(job_id, LONG))
    patient = asyncio.create_task(hub.ended(job_id, LONG, patient=True))
    await asyncio.sleep(0)  # lets them begin
    hub.release()
    assert not await watching
    await asyncio.to_thread(cancelled, database, job_id)
    assert await patient


async def test_a_connection_that_is_cut_is_made_again(hub: Hub, database: Database) -> None:
    if not isinstance(hub._watch, PostgresWatch):
        pytest.skip("SQLite has no connection to cut")
    job_id = created(database)
    assert await hub.changed(job_id, 0, LONG)
    waiting = asyncio.create_task(hub.ended(job_id, LONG))
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    await asyncio.to_thread(cancelled, database, job_id)
    assert await waiting


async def test_a_database_that_comes_later_is_found(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'later' / 'r.db'}")
    hub = Hub(watch_of(database.url))
    hub.start()
    waiting = asyncio.create_task(hub.ended("x", LONG))
    await asyncio.to_thread(upgrade, database)
    assert await waiting
    hub.close()
    database.close()
