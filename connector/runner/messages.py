"""What travels between the service and its worker processes: plain values, never exceptions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from steps.contract import Item, Output
from steps.environment import Environment
from steps.errors import InvalidParameters, StepError
from steps.registry import Registry

Catalogue = Callable[[], Registry]
"""Gives the registry of steps. A module-level function: worker processes import it by its name."""


@dataclass(frozen=True, kw_only=True)
class WorkerPlan:
    """What a worker process is told at its start."""

    catalogue: Catalogue
    environment: Environment
    warm: bool = False
    """Whether to load the default models before the first order."""
    log_level: str = "info"


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A worker is up."""

    faults: tuple[str, ...] = ()
    """Why default models that are there could not be loaded, one sentence each. What is only missing
    is left out: it may come later, and health asks for it each time."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One run of one step."""

    step: str
    item: Item
    parameters: Mapping[str, object]
    output: Output
    trace_id: str = ""
    number: int = 0
    """Set by the process that takes the order; a cancellation names it, so that it cannot hit the next one."""


@dataclass(frozen=True, kw_only=True)
class ResultPart:
    """One part of a result, measured where it was made."""

    content: bytes
    mime_type: str
    filename: str
    type: str
    role: str
    sha256: str
    width: int
    """px; 0 when the part is no picture."""
    height: int
    """px; 0 when the part is no picture."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """A run that succeeded."""

    parts: tuple[ResultPart, ...]
    report: dict[str, JsonValue]
    """The step's report, camelCase."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A run that a step refused or could not finish: the fields of its `StepError`."""

    code: str
    detail: str
    pointer: str | None = None
    errors: tuple[tuple[str, str], ...] = ()
    """Every fault of the parameters: (JSON pointer, detail)."""

    @classmethod
    def of(cls, error: StepError) -> "Failed":
        """Return the message of an error."""
        errors = error.errors if isinstance(error, InvalidParameters) else ()
        return cls(code=error.code, detail=error.detail, pointer=error.pointer, errors=errors)
