"""Bringing the tables to this version: on start in embedded mode, by `retusche db upgrade` elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from connector.jobs.database import Database
from connector.jobs.errors import JobError
from connector.jobs.tables import metadata

_LOCK = 0x52455455
"""PostgreSQL advisory lock: two that upgrade at a time do it one after the other."""


class SchemaOutdated(JobError):
    """The tables are of another version than this program."""

    code = "not-ready"


def upgrade(database: Database) -> str:
    """Bring the tables to the newest version; return its name. Doing it twice is harmless."""
    with database.engine.connect().execution_options(writes=True) as connection:
        with _alone(connection):
            config = _config(connection)
            command.upgrade(config, "head")
        connection.commit()
    return _head()


def check(database: Database) -> None:
    """See that the tables have the version that this program knows, or a later one.

    Migrations only add what an older program does not miss (expand first, contract a release later),
    so that a process of the release before can start again in the middle of an upgrade.

    Raises:
        SchemaOutdated: they are older; the detail says what to do.
    """
    # Tried again, as every read: a connection that is cut now is no reason not to start.
    found = database.read(lambda tx: MigrationContext.configure(tx).get_current_revision())
    earlier = {
        script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()
    }
    if found is None or (found in earlier and found != _head()):
        raise SchemaOutdated(
            f"the database has version {found or '(none)'}, this program needs {_head()}: "
            "run `retusche db upgrade`"
        )


def differences(database: Database) -> list[object]:
    """Return how the tables differ from `tables`; empty when the migrations are complete."""
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        connection.execute(text("SELECT 1"))  # begins; SQLite lets one writer in at a time
    yield


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _head() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise AssertionError("there are no migrations")
    return head
