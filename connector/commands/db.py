"""`retusche db`: the tables of the durable path."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from connector.commands.configured import settings
from connector.commands.console import FAILED, complain, understood

if TYPE_CHECKING:
    from connector.jobs.database import Database

app = typer.Typer(no_args_is_help=True, help="The database of jobs.")


@app.command()
def upgrade() -> None:
    """Bring the tables to this version; run it before the new API and workers start. Twice is harmless."""
    from connector.jobs import migrate

    with _database() as database:
        typer.echo(f"the database has version {migrate.upgrade(database)}")


@app.command()
def check() -> None:
    """Exit 1 unless the tables have the version that this program needs."""
    from connector.jobs import migrate

    with _database() as database:
        migrate.check(database)
        typer.echo("the database is up to date")


@contextmanager
def _database() -> Iterator["Database"]:
    from sqlalchemy.exc import DBAPIError

    from connector.jobs.database import Database
    from connector.jobs.errors import JobError

    with understood():
        database = Database(settings().database)
    try:
        yield database
    except JobError as error:
        complain(error.detail)
        raise typer.Exit(FAILED) from error
    except DBAPIError as error:  # a wrong password, or a database that is none of ours
        complain(f"the database refuses: {str(error.orig).strip() or type(error.orig).__name__}")
        raise typer.Exit(FAILED) from error
    finally:
        database.close()
