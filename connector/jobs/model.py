"""What the verbs take and give: plain values, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

OnFailure = Literal["fail", "skip"]
"""What a chain does when a step fails: the item fails, or goes on with what the step was given."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds for every job of an installation."""

    lease_seconds: float = 30.0
    """A worker that renews nothing for so long counts as lost."""
    attempts_allowed: int = 3
    """How often an item is begun before it fails as "worker-lost"."""
    retention_seconds: float = 24 * 3600.0
    """How long a job and its files are kept once it has ended."""
    run_retention_seconds: float = 600.0
    """The same for a call of /run: its answer is its result, and nobody comes back for it."""
    public_url: str = ""
    """Where callers reach the service, e.g. "https://images.example"; callbacks link to it."""


@dataclass(frozen=True, kw_only=True)
class StepCall:
    """One step of a chain, checked against its schema."""

    step: str
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    on_failure: OnFailure = "fail"
    keep: bool = False
    """Whether the result is kept as a META part where another step follows. Without it a picture passes from
    step to step decoded, and is encoded once, at the end."""


@dataclass(frozen=True, kw_only=True)
class NewPart:
    """A part of a new item: a file that is stored already, or a URL that the worker will fetch."""

    type: str = "BASE_PART"
    role: str = "source"
    filename: str = ""
    mime_type: str = "application/octet-stream"
    sha256: str | None = None
    size_bytes: int = 0
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewItem:
    """An item of a new job."""

    name: str
    """The caller's id, unique within the job."""
    parts: tuple[NewPart, ...]
    index_data: Mapping[str, JsonValue] = field(default_factory=dict)
    processing_properties: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """A job as its caller wants it, checked."""

    id: str
    """Made by the caller of `create`, so that creating twice makes one."""
    client_id: str
    steps: tuple[StepCall, ...]
    queue: str = "cpu"
    kind: Literal["job", "run"] = "job"
    priority: int = 0
    """-100 to 100; higher first."""
    template: str | None = None
    output: Mapping[str, JsonValue] = field(default_factory=dict)
    correlation: str | None = None
    trace_id: str = ""
    trace_parent: str | None = None
    callback_url: str | None = None
    callback_events: tuple[str, ...] = ()
    deadline_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimedPart:
    """A part of a claimed item."""

    id: str
    type: str
    role: str
    filename: str
    mime_type: str
    sha256: str | None
    url: str | None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An item that a worker has leased; every later word of the worker names the attempt."""

    item_id: str
    job_id: str
    client_id: str
    attempt: int
    worker_id: str
    started_at: float
    queue: str
    name: str
    deadline_at: float | None
    steps: tuple[StepCall, ...]
    output: Mapping[str, JsonValue]
    trace_id: str
    trace_parent: str | None
    parts: tuple[ClaimedPart, ...]
    index_data: Mapping[str, JsonValue]
    processing_properties: Mapping[str, JsonValue]


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """What a worker learns when it renews its lease."""

    held: bool
    """False: the lease was lost; nothing that the worker makes of this item counts any more."""
    cancel: bool = False
    """Whether the item's owner wants it stopped."""
    late: bool = False
    """Whether the item's deadline has passed."""


@dataclass(frozen=True, kw_only=True)
class MadePart:
    """A part that a step made; its bytes are stored already."""

    id: str
    step: int
    """Index of the step in the chain."""
    type: str
    role: str
    filename: str
    mime_type: str
    sha256: str
    size_bytes: int
    width: int
    height: int
    source_part_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an item failed."""

    code: str
    detail: str
    pointer: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    """Faults of single parameters: (JSON pointer, detail)."""
