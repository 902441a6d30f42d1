"""Steps for tests of the service: one that gives its source back, one that behaves as told.

`registry` is what a test hands to `create_app` or `Runner`; worker processes import it by name.
"""

import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from steps import errors
from steps.contract import (
    Context,
    InputRole,
    Item,
    Output,
    Parameters,
    Part,
    PartType,
    Report,
    Role,
    Step,
    StepResult,
    Wire,
)
from steps.environment import Environment
from steps.imaging.decode import decode
from steps.imaging.encode import encode
from steps.registry import Registry, build


class Corner(Wire):
    """A nested object."""

    x: int = 0
    """px."""
    label: str = ""
    """Its name."""


class EchoParameters(Parameters):
    """Every kind of field that a caller may have to write as text."""

    strength: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """Share, 0..1."""
    note: str = ""
    """Any text."""
    classes: tuple[str, ...] = ("person",)
    """Names."""
    sizes: tuple[int, ...] = ()
    """px."""
    thresholds: dict[str, float] = Field(default_factory=dict)
    """Score by class."""
    corner: Corner = Corner()
    """A corner."""
    zones: tuple[Corner, ...] = ()
    """Several corners."""
    keep_colours: bool = False
    """A switch."""
    limit: int | None = None
    """A number or nothing."""
    copies: Annotated[int, Field(ge=1, le=5)] = 1
    """How many results to give back."""


class EchoReport(Report):
    """What the echo adds."""

    verdict: str = "clean"
    """A judgement."""
    output_mime_type: str | None = None
    """What was asked for."""
    parts_seen: tuple[str, ...] = ()
    """"role filename length" of every part."""
    worker_pid: int = 0
    """Process that did it."""


class Echo(Step[EchoParameters]):
    """Gives the source back, and its first part again as a mask."""

    name = "echo"
    version = "1.2.3"
    title = "Echo"
    summary = "Gives the source back."
    inputs = (
        InputRole(role=Role.SOURCE, required=True, description="the picture"),
        InputRole(role=Role.MASK, required=False, description="a mask"),
    )
    parameters = EchoParameters
    report = EchoReport

    def run(self, item: Item, parameters: EchoParameters, context: Context) -> StepResult:
        """Give the source back."""
        source = item.base_parts(Role.SOURCE)[0]
        assert isinstance(source.content, bytes)
        mask = Part(
            content=source.content,
            filename="mask.png",
            mime_type=source.mime_type,
            type=PartType.META,
            role=Role.MASK,
        )
        report = EchoReport(
            step=self.name,
            version=self.version,
            seed=context.seed,
            timings={"copying pixels": 0.25},
            output_mime_type=context.output.mime_type if context.output else None,
            parts_seen=tuple(
                f"{p.role} {p.filename} {len(p.content)}"
                for p in item.parts
                if isinstance(p.content, bytes)
            ),
            worker_pid=os.getpid(),
        )
        return StepResult(parts=(source,) * parameters.copies + (mask,), report=report)


class Copy(Step[Parameters]):
    """Decodes the source and encodes it again."""

    name = "copy"
    version = "1.0.0"
    title = "Copy"
    summary = "Decodes and encodes."
    parameters = Parameters

    def run(self, item: Item, parameters: Parameters, context: Context) -> StepResult:
        """Decode and encode."""
        source = item.base_parts(Role.SOURCE)[0]
        assert isinstance(source.content, bytes)
        document = decode(source.content, limits=context.environment.limits)
        content, mime_type = encode(document, context.output or Output())
        report = Report(step=self.name, version=self.version, seed=context.seed)
        return StepResult(parts=(Part(content=content, mime_type=mime_type),), report=report)


class ProbeParameters(Parameters):
    """How to behave."""

    behaviour: Literal["wait", "stubborn", "die", "bug", "error"] = "wait"
    """"wait" until cancelled; "stubborn" for ever; "die" by SIGKILL; "bug" by ValueError; a step's "error"."""
    error: str = "StepFailed"
    """Name of the class in `steps.errors` that "error" raises."""
    notify: str = ""
    """A FIFO that gets "started PID" and, when asked to stop, "cancelled"."""


class Probe(Step[ProbeParameters]):
    """Behaves as told."""

    name = "probe"
    version = "1.0.0"
    title = "Probe"
    summary = "Behaves as told."
    parameters = ProbeParameters
    nap: ClassVar[threading.Event] = threading.Event()

    def load(self, parameters: ProbeParameters, environment: Environment) -> None:
        """Find its weights damaged."""
        raise errors.WeightsInvalid("probe.onnx is damaged")

    def run(self, item: Item, parameters: ProbeParameters, context: Context) -> StepResult:
        """Behave."""
        _notify(parameters.notify, f"started {os.getpid()}")
        match parameters.behaviour:
            case "wait":
                try:
                    while True:
                        context.check_cancelled()
                        self.nap.wait(0.005)
                except errors.Cancelled:
                    _notify(parameters.notify, "cancelled")
                    raise
            case "stubborn":
                while True:
                    signal.pause()
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "error":
                raise getattr(errors, parameters.error)("as told", pointer="/behaviour")
        raise ValueError("a bug in the step")


def _notify(fifo: str, line: str) -> None:
    if fifo:
        with Path(fifo).open("w") as out:
            out.write(line + "\n")


def registry() -> Registry:
    """Return the steps that need nothing."""
    return build(f"tests.connector.sample_steps:{name}" for name in ("Copy", "Echo", "Probe"))


class Unequipped(Echo):
    """Lacks its weights, as on a fresh machine."""

    name = "unequipped"

    def load(self, parameters: EchoParameters, environment: Environment) -> None:
        """Lack weights."""
        raise errors.WeightsMissing("unequipped.onnx is not in the cache")


def fresh() -> Registry:
    """Return a step whose weights are missing."""
    return build(("tests.connector.sample_steps:Unequipped",))


def broken() -> Registry:
    """Fail, as a step whose import fails does."""
    raise ImportError("no such step")


def broken_in_workers() -> Registry:
    """Give the steps in the service, and fail in its workers."""
    if multiprocessing.parent_process() is not None:
        raise ImportError("no such step")
    return registry()


class Dependent(Echo):
    """Needs a backend with weights, which the tests leave out; and one that no light core has."""

    name = "dependent"
    capabilities = ("stylization", "diffusion")


def dependent() -> Registry:
    """Return a step that lacks its backend."""
    return build(("tests.connector.sample_steps:Dependent",))
