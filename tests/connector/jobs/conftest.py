"""A database of each kind, with the tables of this version and no rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from connector.jobs.database import Database
from connector.jobs.migrate import upgrade
from connector.jobs.tables import metadata
from tests.connector.postgresql import fresh_database


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("jobs")
    database = Database(f"sqlite:///{folder / 'jobs.db'}")
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Database]:
    with fresh_database("jobs") as url:
        database = Database(url)
        upgrade(database)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each kind in turn, emptied."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Database)
    empty(found)
    return found


def empty(database: Database) -> None:
    with database.engine.connect().execution_options(writes=True) as tx:
        for table in reversed(metadata.sorted_tables):
            tx.execute(delete(table))
        tx.commit()
