"""The rows of a new job, of its items and of their parts."""

from collections.abc import Iterable
from typing import Any

from connector.jobs.ids import new_id
from connector.jobs.model import NewItem, NewJob, Rules, StepCall
from connector.jobs.states import Status


def of_job(job: NewJob, count: int, now: float) -> dict[str, Any]:
    """Return the row of a job that has so many items."""
    return {
        "id": job.id,
        "client_id": job.client_id,
        "kind": job.kind,
        "status": Status.QUEUED,
        "priority": job.priority,
        "template": job.template,
        "steps": steps_as_json(job.steps),
        "output": dict(job.output),
        "correlation": job.correlation,
        "trace_id": job.trace_id,
        "trace_parent": job.trace_parent,
        "callback_url": job.callback_url,
        "callback_events": list(job.callback_events),
        "created_at": now,
        "deadline_at": _deadline(job, now),
        "cancel_requested": False,
        "total": count,
        "queued": count,
        **dict.fromkeys(("running", "finished", "failed", "cancelled"), 0),
    }


def of_item(
    job: NewJob, item: NewItem, ordinal: int, now: float, rules: Rules, *, rung_at: float
) -> dict[str, Any]:
    """Return the row of an item, with a new id."""
    return {
        "id": new_id(),
        "job_id": job.id,
        "ordinal": ordinal,
        "name": item.name,
        "client_id": job.client_id,
        "status": Status.QUEUED,
        "queue": job.queue,
        "priority": job.priority,
        "attempt": 0,
        "attempts_allowed": rules.attempts_allowed,
        "progress": 0.0,
        "phase": "",
        "rung_at": rung_at,
        "created_at": now,
        "deadline_at": _deadline(job, now),
        "index_data": dict(item.index_data),
        "processing_properties": dict(item.processing_properties),
    }


def of_parts(item_id: str, item: NewItem) -> list[dict[str, Any]]:
    """Return the rows of an item's own parts, with new ids."""
    return [
        {
            "id": new_id(),
            "item_id": item_id,
            "ordinal": ordinal,
            "step": -1,
            "type": part.type,
            "role": part.role,
            "filename": part.filename,
            "mime_type": part.mime_type,
            "url": part.url,
            "sha256": part.sha256,
            "size_bytes": part.size_bytes,
            "width": 0,
            "height": 0,
        }
        for ordinal, part in enumerate(item.parts)
    ]


def steps_as_json(steps: Iterable[StepCall]) -> list[dict[str, Any]]:
    """Return a chain as the row holds it."""
    return [
        {
            "step": call.step,
            "parameters": dict(call.parameters),
            "onFailure": call.on_failure,
            "keep": call.keep,
        }
        for call in steps
    ]


def _deadline(job: NewJob, now: float) -> float | None:
    return None if job.deadline_seconds is None else now + job.deadline_seconds
