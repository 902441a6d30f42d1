"""How far from its turn a job is. Asked by every caller who polls: it must cost the same however much waits."""

from sqlalchemy import Connection, bindparam, select, text

from connector.jobs.states import Status
from connector.jobs.tables import items, jobs

MOST = 1000
"""Items ahead that are counted; nobody needs to know the place behind them better."""

_JOB = select(
    jobs.c.client_id,
    jobs.c.priority,
    select(items.c.queue)
    .where(items.c.job_id == bindparam("of_job"))
    .order_by(items.c.ordinal)
    .limit(1)
    .scalar_subquery()
    .label("queue"),
).where(jobs.c.id == bindparam("of_job"))
_FIRST = (
    select(items.c.id)
    .where(
        items.c.status == Status.QUEUED,
        items.c.queue == bindparam("of_queue"),
        items.c.priority == bindparam("of_priority"),
        items.c.client_id == bindparam("of_client"),
        # Its items were made after it: what the client had waiting before is not looked at.
        items.c.id > bindparam("of_job"),
        items.c.job_id == bindparam("of_job"),
    )
    .order_by(items.c.id)
    .limit(1)
)
_AHEAD = text("""
WITH RECURSIVE waiting(c) AS (
    SELECT (SELECT client_id FROM items
            WHERE status = 'QUEUED' AND queue = :queue AND priority = :priority
            ORDER BY client_id LIMIT 1)
    UNION ALL
    SELECT (SELECT client_id FROM items
            WHERE status = 'QUEUED' AND queue = :queue AND priority = :priority
              AND client_id > waiting.c
            ORDER BY client_id LIMIT 1)
    FROM waiting WHERE waiting.c IS NOT NULL
),
older(number) AS (
    SELECT (SELECT count(*) FROM (
        SELECT 1 FROM items
        WHERE status = 'QUEUED' AND queue = :queue AND priority = :priority
          AND client_id = waiting.c AND id < :first
        LIMIT :most) AS ahead)
    FROM waiting WHERE c IS NOT NULL
)
SELECT (SELECT count(*) FROM (
            SELECT 1 FROM items
            WHERE status = 'QUEUED' AND queue = :queue AND priority > :priority
            LIMIT :most) AS above)
     + (SELECT coalesce(sum(number), 0) FROM older)
""")
"""What is begun before an item: higher priorities, and what is older, client by client, each by a range of the
index that holds nothing else."""


def position(tx: Connection, job_id: str) -> int | None:
    """Return 1 for a job whose item is begun next, `MOST` + 1 for any place behind that; None if none waits.

    It goes by priority and age, not by the turns of clients.
    """
    job = tx.execute(_JOB, {"of_job": job_id}).first()
    if job is None:
        return None
    lane = {"of_queue": job.queue, "of_priority": job.priority, "of_client": job.client_id}
    first = tx.execute(_FIRST, {"of_job": job_id, **lane}).scalar()
    if first is None:
        return None
    given = {"queue": job.queue, "priority": job.priority, "first": first, "most": MOST}
    return min(int(tx.execute(_AHEAD, given).scalar_one()), MOST) + 1
