"""`retusche serve`: the steps over HTTP."""

from typing import Annotated

import typer

from connector.commands.configured import settings
from connector.commands.console import FAILED, MISUSED, complain


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Where to listen: loopback, unless RETUSCHE_AUTH is set."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes on this machine; 0 to 64, default 1.")
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="None here: `retusche worker` runs elsewhere.")
    ] = False,
) -> None:
    """Serve the steps over HTTP; RETUSCHE_* variables set the rest."""
    from connector import serving
    from connector.jobs.errors import JobError
    from connector.storage.errors import StorageError

    if no_worker and workers:
        complain("--no-worker and --workers exclude each other")
        raise typer.Exit(MISUSED)
    found = settings(host=host, port=port, workers=0 if no_worker else workers)
    try:
        serving.serve(found)
    except OSError as error:
        complain(f"cannot listen on {found.host}:{found.port}: {error.strerror or error}")
        raise typer.Exit(FAILED) from error
    except (JobError, StorageError) as error:
        complain(error.detail)
        raise typer.Exit(FAILED) from error
