"""The one way in which a state changes: the item's row, the job's counts, the event, in one transaction.

The order of locks is the same everywhere, so that transactions wait for each other instead of
deadlocking: items, then their jobs by id, then what is only inserted. The job's row is locked before its
events are written, therefore the numbers of a job's events become visible in their order.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, func, insert, update

from connector.jobs import callbacks
from connector.jobs.model import Rules
from connector.jobs.states import TERMINAL, Status, job_status
from connector.jobs.tables import events, jobs
from connector.jobs.together import NOTHING, Change, together

NOTIFY_CHANNEL = "retusche"
"""PostgreSQL channel on which each event is told: "<job> <number> <type>", so that nobody has to ask."""

_COUNT = {
    Status.QUEUED: jobs.c.queued,
    Status.RUNNING: jobs.c.running,
    Status.FINISHED: jobs.c.finished,
    Status.FAILED: jobs.c.failed,
    Status.CANCELLED: jobs.c.cancelled,
}

# Statements of every item are made once: making one costs as much processor time as executing it.
_ADD = (
    update(jobs)
    .where(jobs.c.id == bindparam("of_job"))
    .values({each.name: each + bindparam(f"more_{each.name}") for each in _COUNT.values()})
    # No more than is needed: of every item, and each column costs.
    .returning(
        *(jobs.c.id, jobs.c.kind, jobs.c.status, jobs.c.started_at, jobs.c.cancel_requested),
        *(jobs.c.steps, jobs.c.output, jobs.c.trace_id, jobs.c.trace_parent),
        *_COUNT.values(),
    )
)
_ENTER = (
    update(jobs)
    .where(jobs.c.id == bindparam("of_job"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("status", "started_at", "finished_at", "expires_at")
        }
    )
    .returning(jobs)
)
_RECORD = insert(events)
_RECORD_AND_TELL = _RECORD.returning(
    func.pg_notify(
        NOTIFY_CHANNEL, func.concat(events.c.job_id, " ", events.c.id, " ", events.c.type)
    )
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a job or to one of its items."""

    type: str
    item_id: str | None = None
    data: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, kw_only=True)
class JobMove:
    """Where a job stands after its items moved."""

    row: Any
    before: Status
    after: Status


def move(
    tx: Connection,
    job_id: str,
    moved: Mapping[tuple[Status, Status], int],
    now: float,
    happened: list[Event],
    rules: Rules,
    *,
    also: Change = NOTHING,
) -> JobMove:
    """Take into account that items of a job went from one state to another, which the caller has written.

    Args:
        tx: the transaction in which the items' rows were changed.
        job_id: their job.
        moved: how many went (from, to).
        now: seconds since 1970.
        happened: events of the items; the job's own follow them.
        rules: how long the job is kept once it has ended, and where callbacks link to.
        also: what else is to be changed that needs nothing of this, in the same round trip.

    Returns:
        The job before and after.
    """
    delta: Counter[Status] = Counter()
    for (before, after), count in moved.items():
        delta[before] -= count
        delta[after] += count
    more = {f"more_{column.name}": delta[status] for status, column in _COUNT.items()}
    row = together(tx, _ADD, {"of_job": job_id, **more}, also)
    counts = {status: int(getattr(row, column.name)) for status, column in _COUNT.items()}
    before, after = Status(row.status), job_status(counts)
    if after != before:
        row = tx.execute(_ENTER, _entering(row, after, now, rules)).one()
        happened = [*happened, Event(type=f"job.{after.lower()}", data=summary(row))]
        callbacks.enqueue(tx, row, after, now, rules)
    record(tx, job_id, happened, now)
    return JobMove(row=row, before=before, after=after)


def _entering(row: Any, status: Status, now: float, rules: Rules) -> dict[str, Any]:
    kept = rules.run_retention_seconds if row.kind == "run" else rules.retention_seconds
    has_ended = status in TERMINAL
    has_begun = row.started_at is None and status is Status.RUNNING
    return {
        "of_job": row.id,
        "new_status": status,
        "new_started_at": now if has_begun else row.started_at,
        "new_finished_at": now if has_ended else None,
        "new_expires_at": now + kept if has_ended else None,
    }


def record(tx: Connection, job_id: str, happened: list[Event], now: float) -> None:
    """Append events to the log; the job's row must be locked by this transaction."""
    if not happened:
        return
    rows = [
        {
            "job_id": job_id,
            "item_id": event.item_id,
            "type": event.type,
            "data": dict(event.data or {}),
            "at": now,
        }
        for event in happened
    ]
    tx.execute(_RECORD_AND_TELL if tx.dialect.name == "postgresql" else _RECORD, rows)


def summary(row: Any) -> dict[str, JsonValue]:
    """Return what an event says of a job."""
    return {
        "status": str(row.status),
        "counts": {status.lower(): int(getattr(row, c.name)) for status, c in _COUNT.items()},
    }
