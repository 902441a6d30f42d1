"""What callbacks and event streams carry, for the document; `connector.jobs` writes it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from connector.api.openapi.schemas import content
from connector.api.views import Counts, ErrorAnswer
from connector.jobs.states import Status
from connector.submit.requests import CallbackEvent
from steps.contract import Wire


class EventLinks(Wire):
    """Addresses; they need the caller's key."""

    self: str
    items: str
    results: str


class EventJob(Wire):
    """The job that a callback is about. Links, never pictures."""

    id: str
    status: Status
    counts: Counts
    correlation: str | None
    """The caller's own mark."""
    trace_id: str
    error: ErrorAnswer | None
    links: EventLinks


class JobEvent(Wire):
    """A callback's body (Standard Webhooks)."""

    type: CallbackEvent
    timestamp: datetime
    """When it happened."""
    data: EventJob


class StreamedEvent(BaseModel):
    """`data` of a server-sent event; which of the other fields are there depends on `type`."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="allow", use_attribute_docstrings=True
    )

    type: str
    """"job.queued", "job.running", "job.finished", "job.failed", "job.cancelled", "job.retried", "item.running",
    "item.progress", "item.queued", "item.finished", "item.failed", "item.cancelled"; more may come."""
    job_id: str
    item_id: str | None
    """The caller's id of the item; null where the whole job is meant."""
    at: datetime | None
    status: Status | None = None
    """Of the job: in `job.…`."""
    counts: Counts | None = None
    """Of the job: in `job.…`."""
    name: str | None = None
    """The same, where an item has ended."""
    progress: float | None = None
    """0..1: in `item.progress`."""
    phase: str | None = None
    """What the step does at the moment: in `item.progress`."""
    code: str | None = None
    """Why it failed: in `item.failed`."""
    detail: str | None = None
    reason: str | None = None
    """Why it waits again: in `item.queued`."""
    items: int | None = None
    """How many are run again: in `job.retried`."""


_HEADERS: dict[str, str] = {
    "webhook-id": "The message's id, the same at every attempt",
    "webhook-timestamp": "Seconds since 1970, of this attempt",
    "webhook-signature": "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; several, with spaces between",
    "X-Signature-256": "`sha256=` and hex of HMAC-SHA256 over the body alone",
}

Kind = Literal["job.finished", "job.failed", "job.cancelled"]
_SUMMARIES: dict[Kind, str] = {
    "job.finished": "A job has finished: every item has its result",
    "job.failed": "A job has ended, and some of its items failed",
    "job.cancelled": "A job has ended because it was cancelled",
}


def webhooks() -> dict[str, Any]:
    """Return the document's `webhooks`."""
    return {kind: {"post": _delivery(kind, summary)} for kind, summary in _SUMMARIES.items()}


def _delivery(kind: str, summary: str) -> dict[str, Any]:
    return {
        "operationId": f"receive_{kind.replace('.', '_')}",
        "tags": ["webhooks"],
        "security": [],
        "summary": summary,
        "description": (
            "Sent to the `callback.url` of the job, signed (Standard Webhooks) with the client's secret. Tried again "
            "for eight hours unless the answer is 2xx or 410; answer within 15 s. docs/webhooks.md shows how to verify."
        ),
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": content("application/json", "JobEvent")},
        "responses": {
            "2XX": {"description": "Taken"},
            "410": {"description": "No more of them, please"},
        },
    }
