"""Steps for whole processes: one that does nothing, one that kills its worker, one that waits to be stopped."""

import os
import signal
import threading
from pathlib import Path
from typing import ClassVar

from steps.contract import (
    Context,
    InputRole,
    Item,
    Parameters,
    Part,
    Report,
    Role,
    Step,
    StepResult,
)
from steps.registry import Registry, build

_SOURCE = (InputRole(role=Role.SOURCE, required=True, description="any bytes"),)


class NoParameters(Parameters):
    """None."""


class NoOp(Step[NoParameters]):
    """Gives a small result back."""

    name = "noop"
    version = "1.0.0"
    title = "No-op"
    summary = "Does nothing."
    inputs = _SOURCE
    parameters = NoParameters

    def run(self, item: Item, parameters: NoParameters, context: Context) -> StepResult:
        """Do nothing."""
        source = item.base_parts(Role.SOURCE)[0]
        part = Part(
            content=f"{item.id} {os.getpid()}".encode(),
            mime_type="text/plain",
            filename="out.txt",
            source_part_id=source.id,
        )
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=(part,), report=report)


class Poison(NoOp):
    """Kills its worker."""

    name = "poison"

    def run(self, item: Item, parameters: NoParameters, context: Context) -> StepResult:
        """Kill the worker."""
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


class WaitParameters(Parameters):
    """Where to tell."""

    notify: str
    """A FIFO that gets "started PID"."""


class Waiting(Step[WaitParameters]):
    """Waits until it is stopped."""

    name = "waiting"
    version = "1.0.0"
    title = "Waiting"
    summary = "Waits until it is stopped."
    inputs = _SOURCE
    parameters = WaitParameters
    nap: ClassVar[threading.Event] = threading.Event()

    def run(self, item: Item, parameters: WaitParameters, context: Context) -> StepResult:
        """Tell, and wait."""
        with Path(parameters.notify).open("w") as out:
            out.write(f"started {os.getpid()}\n")
        while True:
            context.check_cancelled()
            self.nap.wait(0.005)


def registry() -> Registry:
    """Return these steps."""
    return build(f"{__name__}:{name}" for name in ("NoOp", "Poison", "Waiting"))
