"""Jobs as HTTP shows them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, JsonValue

from connector.api.problems import FieldError
from connector.jobs.states import Status
from connector.jobs.views import ItemView, JobView, PartView
from connector.links import Links
from steps.contract import Message, PartType, Role, Wire

INLINE_ITEMS = 100
"""Items that stand in the job itself; the rest is behind `links.items`."""


class Counts(Wire):
    """Items in each state."""

    queued: int
    running: int
    finished: int
    failed: int
    cancelled: int


class ErrorAnswer(Wire):
    """Why something failed."""

    code: str
    """Stable name for programs."""
    detail: str
    errors: tuple[FieldError, ...] = ()
    """Faults of single parameters."""


class PartAnswer(Wire):
    """One data stream of an item: the caller's own, or one that a step made."""

    id: str
    url: str | None
    """Where its bytes are: a link that needs no header and expires with the job; or the caller's own URL."""
    filename: str
    mime_type: str
    type: PartType
    """BASE_PART is a result, or waits to be worked on; META a mask, a preview, or what was replaced."""
    role: Role
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None
    """Of the bytes, hexadecimal; null while they are not fetched."""
    size_bytes: int | None
    width: int
    """px; 0 where the part is no picture, or was not measured."""
    height: int
    """px; 0 where the part is no picture, or was not measured."""
    source_part_id: str | None
    """The part that this one was made from."""
    report: dict[str, JsonValue] | None
    """What the step that made it did; null for the caller's own parts."""


class ItemAnswer(Wire):
    """A logical document of a job."""

    id: str
    """The caller's."""
    status: Status
    progress: float
    """0..1."""
    phase: str
    """What the step does at the moment, in its own words."""
    attempts: int
    """How often it was begun."""
    started_at: datetime | None
    finished_at: datetime | None
    error: ErrorAnswer | None
    messages: tuple[Message, ...]
    """What the steps have to say."""
    parts: tuple[PartAnswer, ...]
    index_data: dict[str, JsonValue]
    processing_properties: dict[str, JsonValue]


class JobSummary(Wire):
    """A job without its items."""

    id: str
    status: Status
    progress: float
    """Share of the work that is done, 0..1."""
    counts: Counts
    template: str | None
    steps: tuple[str, ...]
    """Names of the steps, in their order."""
    priority: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    """When the job and its files are deleted; null while it has not ended."""
    correlation: str | None
    trace_id: str
    error: ErrorAnswer | None
    """Of the first item that failed."""
    links: dict[str, str]
    """Addresses: `self`, `items`, `events`, `results`, `cancel`, `retry`."""


class JobAnswer(JobSummary):
    """A job."""

    queue_position: int | None
    """1: begun next; null when nothing of it waits. By priority and age, whatever turn the clients have. 1001 stands
    for every place behind the thousandth."""
    items: tuple[ItemAnswer, ...]
    """The first hundred; all of them are behind `links.items`."""
    messages: tuple[Message, ...]


class ListedJob(JobSummary):
    """A job in a list, with what only a list counts."""

    attempts: int
    """How often the item was begun that was begun most often."""


class JobPage(Wire):
    """Jobs, newest first."""

    jobs: tuple[ListedJob, ...]
    next: str | None
    """Cursor of the next page; null on the last."""


class ItemPage(Wire):
    """Items, in the caller's order."""

    items: tuple[ItemAnswer, ...]
    next: str | None
    """Cursor of the next page; null on the last."""


def listed(view: JobView, attempts: int, links: Links) -> ListedJob:
    """Return a job for a list."""
    return ListedJob(**_summary(view, links), attempts=attempts)


def job(view: JobView, items: Sequence[ItemView], links: Links) -> JobAnswer:
    """Return a job with its first items."""
    answers = tuple(item(each, view, links) for each in items)
    said = [*_own_messages(view), *(message for each in answers for message in each.messages)]
    return JobAnswer(
        **_summary(view, links),
        queue_position=view.queue_position,
        items=answers,
        messages=tuple(dict.fromkeys(said)),
    )


def item(view: ItemView, its_job: JobView, links: Links) -> ItemAnswer:
    """Return an item with links to its files."""
    error = None
    if view.error is not None:
        fields = view.error.fields or (
            ((view.error.pointer, view.error.detail),) if view.error.pointer else ()
        )
        error = ErrorAnswer(
            code=view.error.code,
            detail=view.error.detail,
            errors=tuple(FieldError(pointer=pointer, detail=text) for pointer, text in fields),
        )
    return ItemAnswer(
        id=view.name,
        status=view.status,
        progress=view.progress,
        phase=view.phase,
        attempts=view.attempt,
        started_at=when(view.started_at),
        finished_at=when(view.finished_at),
        error=error,
        messages=tuple(_messages(view.reports)),
        parts=tuple(_part(part, view, its_job, links) for part in view.parts),
        index_data=dict(view.index_data),
        processing_properties=dict(view.processing_properties),
    )


def when(seconds: float | None) -> datetime | None:
    """Return a time as datetime, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _part(view: PartView, its_item: ItemView, its_job: JobView, links: Links) -> PartAnswer:
    url, stored = view.url, view.sha256 is not None
    if stored:
        url = links.part(view.job_id, view.id, its_job.expires_at)
    made = 0 <= view.step < len(its_item.reports)
    return PartAnswer(
        id=view.id,
        url=url,
        filename=view.filename,
        mime_type=view.mime_type,
        type=PartType(view.type),
        role=Role(view.role),
        sha256=view.sha256,
        size_bytes=view.size_bytes if stored else None,
        width=view.width,
        height=view.height,
        source_part_id=view.source_part_id,
        report=dict(its_item.reports[view.step]) if made else None,
    )


def _messages(reports: Iterable[Mapping[str, Any]]) -> Iterable[Message]:
    for report in reports:
        for message in report.get("messages", ()):
            yield Message.model_validate(message)


def _own_messages(view: JobView) -> Iterable[Message]:
    if view.cancel_requested and not view.ended:
        text = "what runs was asked to stop"
        yield Message(severity="info", code="cancel-requested", text=text)
    if view.kind == "run" and view.ended:
        text = "a call of /run without Idempotency-Key: its files are deleted minutes after its end"
        yield Message(severity="info", code="kept-shortly", text=text)


def _summary(view: JobView, links: Links) -> dict[str, Any]:
    here = links.to(f"/v1/jobs/{view.id}")
    error = None
    if view.error_code is not None:
        error = ErrorAnswer(code=view.error_code, detail=view.error_detail or "")
    return {
        "id": view.id,
        "status": view.status,
        "progress": round(view.progress, 4),
        "counts": Counts(**{status.lower(): count for status, count in view.counts.items()}),
        "template": view.template,
        "steps": view.steps,
        "priority": view.priority,
        "created_at": when(view.created_at),
        "started_at": when(view.started_at),
        "finished_at": when(view.finished_at),
        "expires_at": when(view.expires_at),
        "correlation": view.correlation,
        "trace_id": view.trace_id,
        "error": error,
        "links": {
            "self": here,
            "items": f"{here}/items",
            "events": f"{here}/events",
            "results": f"{here}/results.zip",
            "cancel": f"{here}/cancel",
            "retry": f"{here}/retry",
        },
    }
