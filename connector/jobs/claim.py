"""Claiming an item: the lease, who is next, and renewing.

Who is next in a queue: the highest priority; within it the client with the fewest items running; of
those the one that has waited longest since it was last served; of its items the oldest.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, select, text, update

from connector.jobs.changes import Event, move
from connector.jobs.model import Claim, ClaimedPart, Renewal, Rules, StepCall
from connector.jobs.states import Status
from connector.jobs.tables import clients, items, jobs, parts

BEGUN = (Status.QUEUED, Status.RUNNING)
"""How the items of a job move by a lease."""

_LANES = text("""
WITH RECURSIVE
top(p) AS (
    SELECT (SELECT priority FROM items WHERE status = 'QUEUED' AND queue = :queue
            ORDER BY priority DESC LIMIT 1)
),
waiting(c) AS (
    SELECT (SELECT client_id FROM items
            WHERE status = 'QUEUED' AND queue = :queue AND priority = (SELECT p FROM top)
            ORDER BY client_id LIMIT 1)
    UNION ALL
    SELECT (SELECT client_id FROM items
            WHERE status = 'QUEUED' AND queue = :queue AND priority = (SELECT p FROM top)
              AND client_id > waiting.c
            ORDER BY client_id LIMIT 1)
    FROM waiting WHERE waiting.c IS NOT NULL
)
SELECT (SELECT p FROM top) AS priority, c AS client_id,
       (SELECT count(*) FROM items r WHERE r.status = 'RUNNING' AND r.client_id = c) AS running
FROM waiting WHERE c IS NOT NULL
ORDER BY running, (SELECT served_at FROM clients WHERE clients.id = c), c
""")
"""The clients that wait at the top priority of a queue, next one first. It hops from client to client
through the index, so that a hundred thousand waiting items of one client cost one step."""

_OLDEST = (
    select(items.c.id)
    .where(
        items.c.status == Status.QUEUED,
        items.c.queue == bindparam("of_queue"),
        items.c.priority == bindparam("of_priority"),
        items.c.client_id == bindparam("of_client"),
    )
    .order_by(items.c.id)
    .limit(1)
    # Another worker's candidate is passed over; SQLite lets one writer in at a time anyway.
    .with_for_update(skip_locked=True)
)
_LEASE = (
    update(items)
    .where(items.c.id == _OLDEST.scalar_subquery(), items.c.status == Status.QUEUED)
    .values(
        status=Status.RUNNING,
        attempt=items.c.attempt + 1,
        lease_until=bindparam("new_lease_until"),
        worker_id=bindparam("new_worker_id"),
        progress=0.0,
        phase="",
        started_at=bindparam("new_started_at"),
    )
    .returning(
        items.c.id,
        items.c.job_id,
        items.c.client_id,
        items.c.attempt,
        items.c.worker_id,
        items.c.started_at,
        items.c.queue,
        items.c.name,
        items.c.deadline_at,
        items.c.index_data,
        items.c.processing_properties,
    )
)
_SERVE = (
    update(clients)
    .where(clients.c.id == bindparam("of_client"))
    .values(served_at=bindparam("new_served_at"))
)
_PARTS = (
    select(
        parts.c.id,
        parts.c.type,
        parts.c.role,
        parts.c.filename,
        parts.c.mime_type,
        parts.c.sha256,
        parts.c.url,
    )
    .where(parts.c.item_id == bindparam("of_item"), parts.c.step == -1)
    .order_by(parts.c.ordinal)
)


def claim(
    tx: Connection,
    queues: Sequence[str],
    worker_id: str,
    now: float,
    rules: Rules,
) -> Claim | None:
    """Lease the next item of these queues (the first queue first), or return None if none waits."""
    leased = lease(tx, queues, worker_id, now, rules)
    if leased is None:
        return None
    return claimed(tx, leased, move(tx, leased.job_id, {BEGUN: 1}, now, [], rules).row)


def lease(
    tx: Connection, queues: Sequence[str], worker_id: str, now: float, rules: Rules
) -> Any | None:
    """Write the lease into the row of the next item, and return that; its job is to be told (`BEGUN`)."""
    for queue in queues:
        lanes = tx.execute(_LANES, {"queue": queue}).all()
        for lane in lanes:
            given = {
                "of_queue": queue,
                "of_priority": lane.priority,
                "of_client": lane.client_id,
                "new_lease_until": now + rules.lease_seconds,
                "new_worker_id": worker_id,
                "new_started_at": now,
            }
            row = tx.execute(_LEASE, given).first()
            if row is not None:
                if len(lanes) > 1:
                    tx.execute(_SERVE, {"of_client": lane.client_id, "new_served_at": now})
                return row
    return None


def claimed(tx: Connection, leased: Any, job: Any) -> Claim:
    """Return the claim of an item that was leased, from its row and its job's."""
    return Claim(
        item_id=leased.id,
        job_id=leased.job_id,
        client_id=leased.client_id,
        attempt=leased.attempt,
        worker_id=leased.worker_id,
        started_at=leased.started_at,
        queue=leased.queue,
        name=leased.name,
        deadline_at=leased.deadline_at,
        steps=tuple(
            StepCall(
                step=call["step"],
                parameters=call["parameters"],
                on_failure=call["onFailure"],
                keep=call["keep"],
            )
            for call in job.steps
        ),
        output=job.output,
        trace_id=job.trace_id,
        trace_parent=job.trace_parent,
        parts=_parts(tx, leased.id),
        index_data=leased.index_data,
        processing_properties=leased.processing_properties,
    )


def _parts(tx: Connection, item_id: str) -> tuple[ClaimedPart, ...]:
    rows = tx.execute(_PARTS, {"of_item": item_id})
    return tuple(
        ClaimedPart(
            id=row.id,
            type=row.type,
            role=row.role,
            filename=row.filename,
            mime_type=row.mime_type,
            sha256=row.sha256,
            url=row.url,
        )
        for row in rows
    )


def renew(
    tx: Connection,
    held: Claim,
    now: float,
    rules: Rules,
    *,
    progress: float = 0.0,
    phase: str = "",
) -> Renewal:
    """Renew a lease, tell how far the work is (0..1), and learn whether it is still wanted."""
    before = tx.execute(_held(held, select(items.c.progress, items.c.phase))).first()
    if before is None:
        return Renewal(held=False)
    renewed = tx.execute(
        _held(held, update(items)).values(
            lease_until=now + rules.lease_seconds, progress=progress, phase=phase[:128]
        )
    )
    if renewed.rowcount == 0:
        return Renewal(held=False)
    if (before.progress, before.phase) != (progress, phase[:128]):
        data: dict[str, JsonValue] = {"progress": round(progress, 4), "phase": phase[:128]}
        event = Event(type="item.progress", item_id=held.item_id, data=data)
        row = move(tx, held.job_id, {}, now, [event], rules).row
    else:
        row = tx.execute(select(jobs.c.cancel_requested).where(jobs.c.id == held.job_id)).one()
    late = held.deadline_at is not None and held.deadline_at <= now
    return Renewal(held=True, cancel=bool(row.cancel_requested), late=late)


def _held(held: Claim, statement: Any) -> Any:
    """Restrict a statement to the item as this attempt holds it."""
    return statement.where(
        items.c.id == held.item_id,
        items.c.attempt == held.attempt,
        items.c.status == Status.RUNNING,
    )
