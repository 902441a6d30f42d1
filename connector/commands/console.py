"""Where commands print, and how one ends that cannot do what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from steps.environment import Environment

FAILED = 1
"""Exit code when the work failed."""
MISUSED = 2
"""Exit code when the call itself was wrong; nothing was done."""
INTERRUPTED = 130
"""Exit code after Ctrl-C."""

_WIDE = 200
"""Columns where there is no terminal: a line of a table should stay one line for grep."""
_USAGE = frozenset({"parameters-invalid", "step-unknown", "item-invalid"})


def stdout() -> Console:
    """Return the console for results."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)


def table(*columns: str) -> Table:
    """Return an empty table with these headings."""
    return Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)


def stderr() -> Console:
    """Return the console for everything that is no result: progress, notes, errors."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def reported() -> Iterator[None]:
    """Print a step's error as one message, and exit 1, or 2 where the call was wrong.

    Anything else is unexpected, passes, and shows its traceback.
    """
    from steps.errors import InvalidParameters, StepError

    try:
        yield
    except InvalidParameters as error:
        for place, detail in error.errors or ((error.pointer or "", error.detail),):
            complain(f"{_dotted(place)}: {detail}" if place else detail)
        raise typer.Exit(MISUSED) from error
    except StepError as error:
        complain(error.detail)
        raise typer.Exit(MISUSED if error.code in _USAGE else FAILED) from error


@contextmanager
def understood() -> Iterator[None]:
    """Print a ValueError as a message and exit 2; only for calls whose documented error it is."""
    try:
        yield
    except ValueError as error:
        complain(str(error))
        raise typer.Exit(MISUSED) from error


def environment() -> "Environment":
    """Return the environment that the RETUSCHE_* variables mean; exit 2 where they mean none."""
    from steps.environment import Environment

    with understood():
        return Environment.from_env()


def complain(text: str) -> None:
    """Print an error; brackets in it are no markup."""
    stderr().print(f"error: {text}", style="red", markup=False)


def _dotted(place: str) -> str:
    """Return a JSON pointer as it is written after --set: "/thresholds/person" as "thresholds.person"."""
    steps = place.removeprefix("/").split("/")
    return ".".join(step.replace("~1", "/").replace("~0", "~") for step in steps)
