"""`retusche worker` and `retusche keeper`: the parts of a distributed installation that speak no HTTP."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from connector.commands.configured import settings
from connector.commands.console import FAILED, MISUSED, complain


def worker(
    queues: Annotated[
        str | None,
        typer.Option(help='Queues to take from, by commas, the first one first; default "cpu".'),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name in logs and figures; unique among all that live.")
    ] = None,
) -> None:
    """Work on queued items until SIGTERM; RETUSCHE_* variables set the rest."""
    from connector.queue import worker as process
    from steps import registry

    found = settings()
    wanted = found.worker_queues
    if queues is not None:
        wanted = tuple(each.strip() for each in queues.split(",") if each.strip())
    if not wanted:
        complain("--queues names no queue; accepted: cpu, or gpu,cpu")
        raise typer.Exit(MISUSED)
    options = process.WorkerOptions(name=name or process.unique_name(), queues=wanted)
    _until_ended(lambda: process.run(found, registry.steps, options))


def keeper() -> None:
    """Bring back what was lost, delete what is over, send callbacks, until SIGTERM. Any number may run."""
    from connector.queue import keeper as process

    found = settings()
    _until_ended(lambda: process.run(found))


def _until_ended(run: Callable[[], Any]) -> None:
    from connector.jobs.errors import JobError
    from connector.storage.errors import StorageError

    try:
        run()
    except ValueError as error:
        complain(str(error))
        raise typer.Exit(MISUSED) from error
    except (JobError, StorageError) as error:
        complain(error.detail)
        raise typer.Exit(FAILED) from error
