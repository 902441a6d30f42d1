"""`retusche serve`: the steps over HTTP."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.commands.console import FAILED, MISUSED, complain, environment

if TYPE_CHECKING:
    from pydantic import ValidationError


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback only.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
) -> None:
    """Serve the steps over HTTP; RETUSCHE_* variables set the rest."""
    from pydantic import ValidationError

    from connector import serving
    from connector.settings import Settings

    named: dict[str, Any] = {"host": host, "port": port}
    environment()  # the workers read it too; what is wrong with it is told here, once
    try:
        settings = Settings(**{n: value for n, value in named.items() if value is not None})
    except ValidationError as error:
        complain("; ".join(_faults(error)))
        raise typer.Exit(MISUSED) from error
    try:
        serving.serve(settings)
    except OSError as error:
        complain(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}")
        raise typer.Exit(FAILED) from error


def _faults(error: "ValidationError") -> Iterator[str]:
    for fault in error.errors(include_url=False):
        place = ".".join(str(step) for step in fault["loc"])
        yield f"{place}: {fault['msg']}" if place else fault["msg"]
