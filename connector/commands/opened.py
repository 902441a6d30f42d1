"""The database of the settings, for commands that look at it and change it; no service needs to run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from connector.commands.configured import settings
from connector.commands.console import FAILED, complain, understood

if TYPE_CHECKING:
    from connector.jobs.database import Database
    from connector.settings import Settings


@contextmanager
def opened(*, make: bool = False) -> Iterator[tuple["Database", "Settings"]]:
    """Open the database of the settings; an expected error is one sentence and exit code 1.

    Args:
        make: make the tables first where everything lives on this machine, as `retusche serve` does: the
            first key is made before the first start.
    """
    from sqlalchemy.exc import DBAPIError

    from connector.jobs import migrate
    from connector.jobs.database import Database
    from connector.jobs.errors import JobError
    from connector.serving import prepare
    from connector.storage.errors import StorageError

    found = settings()
    with understood():
        database = Database(found.database, connections=2)
    try:
        if make:
            prepare(found)
        migrate.check(database)
        yield database, found
    except (JobError, StorageError) as error:
        complain(error.detail)
        raise typer.Exit(FAILED) from error
    except DBAPIError as error:  # a wrong password, or a database that is none of ours
        complain(f"the database refuses: {str(error.orig).strip() or type(error.orig).__name__}")
        raise typer.Exit(FAILED) from error
    finally:
        database.close()
