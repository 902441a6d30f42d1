"""The service's settings for a command: from the RETUSCHE_* variables, and from options before them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from connector.commands.console import MISUSED, complain, environment

if TYPE_CHECKING:
    from pydantic import ValidationError

    from connector.settings import Settings


def settings(**options: Any) -> "Settings":
    """Return the settings; exit 2 where they mean none. An option that is None was not given."""
    from pydantic import ValidationError

    from connector.settings import Settings

    environment()  # the workers read it too; what is wrong with it is told here, once
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        complain("; ".join(_faults(error)))
        raise typer.Exit(MISUSED) from error


def _faults(error: "ValidationError") -> Iterator[str]:
    for fault in error.errors(include_url=False):
        place = ".".join(str(step) for step in fault["loc"])
        yield f"{place}: {fault['msg']}" if place else fault["msg"]
