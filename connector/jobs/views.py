"""What can be seen of a job: plain values, read by `read`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.jobs.states import TERMINAL, Status


@dataclass(frozen=True, kw_only=True)
class JobView:
    """A job as its row says."""

    id: str
    kind: str
    """"job", or "run" for a call of /run."""
    status: Status
    priority: int
    template: str | None
    steps: tuple[str, ...]
    """Names of the chain's steps."""
    counts: Mapping[Status, int]
    """Items in each state."""
    total: int
    created_at: float
    started_at: float | None
    finished_at: float | None
    expires_at: float | None
    correlation: str | None
    trace_id: str
    cancel_requested: bool
    error_code: str | None
    error_detail: str | None
    running_progress: float = 0.0
    """Progress of the running items, summed up."""
    queue_position: int | None = None
    """How many items are to be begun up to the first of this job's; None when none of them waits."""

    @property
    def ended(self) -> bool:
        """Whether work cannot change it any more."""
        return self.status in TERMINAL

    @property
    def progress(self) -> float:
        """Share of the work that is done, 0..1; what has failed counts as done."""
        done = sum(self.counts[status] for status in TERMINAL)
        return min(1.0, (done + self.running_progress) / self.total) if self.total else 0.0


@dataclass(frozen=True, kw_only=True)
class PartView:
    """A part of an item: the caller's own, or one that a step made."""

    id: str
    item_id: str
    job_id: str
    step: int
    """Index of the step that made it; -1: the caller's own."""
    type: str
    role: str
    filename: str
    mime_type: str
    url: str | None
    """Where the worker fetches it; None once it is a file of ours."""
    sha256: str | None
    size_bytes: int
    width: int
    """px; 0: no picture, or not measured."""
    height: int
    source_part_id: str | None


@dataclass(frozen=True, kw_only=True)
class ItemError:
    """Why an item failed."""

    code: str
    detail: str
    pointer: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    """Faults of single parameters: (JSON pointer, detail)."""


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """An item with its parts."""

    id: str
    ordinal: int
    name: str
    """The caller's id of it."""
    status: Status
    progress: float
    phase: str
    attempt: int
    started_at: float | None
    finished_at: float | None
    error: ItemError | None
    index_data: Mapping[str, Any]
    processing_properties: Mapping[str, Any]
    reports: tuple[Mapping[str, Any], ...]
    """One of each step, once it has finished."""
    parts: tuple[PartView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EventView:
    """A line of the event log."""

    id: int
    type: str
    item: str | None
    """The caller's id of the item."""
    data: Mapping[str, Any]
    at: float


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """One attempt to deliver a callback."""

    number: int
    at: float
    seconds: float
    status: int | None
    """HTTP status; None: no answer."""
    error: str | None


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """A callback and what became of it."""

    id: str
    type: str
    url: str
    status: str
    """PENDING, DELIVERED, FAILED."""
    next_at: float
    created_at: float
    finished_at: float | None
    attempts: tuple[AttemptView, ...]
