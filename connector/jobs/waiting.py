"""What waits in the queues, and for which of it a doorbell is to be rung."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, text, update

from connector.jobs.states import Status
from connector.jobs.tables import items

MOST_BELLS = 32
"""Doorbells of one round and queue. A worker that answers one goes on until nothing waits, so a few wake
everybody; a job of a hundred thousand items does not fill the broker."""

_QUEUES = text("""
WITH RECURSIVE found(queue) AS (
    SELECT (SELECT queue FROM items WHERE status = 'QUEUED' ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT (SELECT queue FROM items WHERE status = 'QUEUED' AND queue > found.queue
            ORDER BY queue LIMIT 1)
    FROM found WHERE found.queue IS NOT NULL
)
SELECT queue FROM found WHERE queue IS NOT NULL
""")
"""The queues in which something waits, by hops through the index, however much waits."""

_NOTE = (
    update(items)
    .where(items.c.id.in_(bindparam("ids", expanding=True)), items.c.status == Status.QUEUED)
    .values(rung_at=bindparam("new_rung_at"))
    .returning(items.c.id, items.c.queue, items.c.priority)
)
_OF_JOB = (
    select(items.c.id)
    .where(items.c.job_id == bindparam("of_job"), items.c.status == Status.QUEUED)
    .order_by(items.c.ordinal)
    .limit(MOST_BELLS)
)


@dataclass(frozen=True, kw_only=True)
class Bell:
    """A doorbell to ring: the message is the item's id."""

    item_id: str
    queue: str
    priority: int


def bells_of_job(tx: Connection, job_id: str, now: float) -> list[Bell]:
    """Return the doorbells of a job that waits, and note that they are rung."""
    return _note(tx, tx.execute(_OF_JOB, {"of_job": job_id}).scalars().all(), now)


def bells_unanswered(tx: Connection, now: float, after_seconds: float) -> list[Bell]:
    """Return doorbells for what waits and was not rung for in a while: a message may have been lost."""
    bells: list[Bell] = []
    for queue in tx.execute(_QUEUES).scalars().all():
        found = (
            select(items.c.id)
            .where(
                items.c.status == Status.QUEUED,
                items.c.queue == queue,
                items.c.rung_at <= now - after_seconds,
            )
            .order_by(items.c.priority.desc(), items.c.id)
            .limit(MOST_BELLS)
        )
        bells += _note(tx, tx.execute(found).scalars().all(), now)
    return bells


def oldest_waiting(tx: Connection) -> dict[str, tuple[int, float]]:
    """Return (items, time at which the oldest was made) of each queue that has items waiting."""
    rows = tx.execute(
        select(items.c.queue, func.count(), func.min(items.c.created_at))
        .where(items.c.status == Status.QUEUED)
        .group_by(items.c.queue)
    )
    return {queue: (int(count), float(oldest)) for queue, count, oldest in rows}


def _note(tx: Connection, ids: Sequence[str], now: float) -> list[Bell]:
    if not ids:
        return []
    rows = tx.execute(_NOTE, {"ids": list(ids), "new_rung_at": now}).all()
    return [Bell(item_id=row.id, queue=row.queue, priority=row.priority) for row in rows]
