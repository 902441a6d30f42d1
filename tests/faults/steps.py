"""Steps for whole processes under faults: one whose result is known beforehand, one that kills its worker."""

import hashlib
import os
import signal
import threading
import time
from typing import Annotated, ClassVar

from pydantic import Field

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
from steps.registry import BUILT_IN, Registry, build

_SOURCE = (InputRole(role=Role.SOURCE, required=True, description="any bytes"),)
NAP_SECONDS = 0.005
"""Between two looks whether to stop."""


class StampParameters(Parameters):
    """How long to take."""

    milliseconds: Annotated[int, Field(ge=0, le=600_000)] = 0
    """Of waiting, in small steps that can be cancelled."""
    copies: Annotated[int, Field(ge=1, le=1000)] = 1
    """How often the source stands in the result."""
    signed: bool = False
    """Whether the worker's process signs the result, so that no two workers make the same."""


class Stamp(Step[StampParameters]):
    """Gives back what `stamped` says."""

    name = "stamp"
    version = "1.0.0"
    title = "Stamp"
    summary = "Puts the item's name before its source."
    inputs = _SOURCE
    parameters = StampParameters
    nap: ClassVar[threading.Event] = threading.Event()

    def run(self, item: Item, parameters: StampParameters, context: Context) -> StepResult:
        """Wait, and stamp."""
        end = time.monotonic() + parameters.milliseconds / 1000
        while (left := end - time.monotonic()) > 0:
            context.check_cancelled()
            self.nap.wait(min(left, NAP_SECONDS))
        source = item.base_parts(Role.SOURCE)[0]
        assert isinstance(source.content, bytes)
        content = stamped(item.id, source.content, parameters.copies)
        part = Part(
            content=content + str(os.getpid()).encode() if parameters.signed else content,
            mime_type="application/octet-stream",
            filename="stamped.bin",
            source_part_id=source.id,
        )
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=(part,), report=report)


def stamped(name: str, source: bytes, copies: int = 1) -> bytes:
    """Return the result of an item."""
    return name.encode() + b"\n" + source * copies


def stamped_hash(name: str, source: bytes, copies: int = 1) -> str:
    """Return the SHA-256 of an item's result."""
    return hashlib.sha256(stamped(name, source, copies)).hexdigest()


class Poison(Stamp):
    """Kills its worker."""

    name = "poison"

    def run(self, item: Item, parameters: StampParameters, context: Context) -> StepResult:
        """Kill the worker on an item that says so; the others are stamped."""
        if item.processing_properties.get("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run(item, parameters, context)


def registry() -> Registry:
    """Return these steps beside those of the distribution."""
    return build((*BUILT_IN, f"{__name__}:Stamp", f"{__name__}:Poison"))
