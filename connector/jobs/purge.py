"""Really deleting: at the owner's word, or when the time is over."""

from sqlalchemy import Connection, delete, select

from connector.jobs.errors import JobNotFound, TooLate
from connector.jobs.states import TERMINAL
from connector.jobs.tables import (
    cached_results,
    idempotency_keys,
    items,
    jobs,
    parts,
    uploads,
    workers,
)

BATCH = 20
"""Jobs deleted in one transaction; one may have a hundred thousand items."""
WORKER_KEPT_SECONDS = 3600.0
"""How long the figures of a worker that is gone are shown."""


def purge(tx: Connection, client_id: str, job_id: str) -> list[str]:
    """Delete a job that has ended, and all of its rows.

    Returns:
        The hashes of its files; hand them to `filed.sweep` in the next transaction.

    Raises:
        JobNotFound: the client has no such job.
        TooLate: it has not ended.
    """
    row = tx.execute(
        select(jobs.c.status)
        .where(jobs.c.id == job_id, jobs.c.client_id == client_id)
        .with_for_update()
    ).first()
    if row is None:
        raise JobNotFound(f"there is no job {job_id}")
    if row.status not in TERMINAL:
        raise TooLate(f"job {job_id} is {row.status}; cancel it first")
    return _delete(tx, [job_id])


def expire(tx: Connection, now: float) -> list[str]:
    """Delete what has outlived its time: jobs, uploads, keys, kept results, workers long gone.

    Returns:
        The hashes of files that may be unused now; those of jobs only, the others are swept by themselves.
    """
    for table in (uploads, idempotency_keys, cached_results):
        tx.execute(delete(table).where(table.c.expires_at <= now))
    tx.execute(delete(workers).where(workers.c.seen_at < now - WORKER_KEPT_SECONDS))
    over = tx.execute(
        select(jobs.c.id)
        .where(jobs.c.expires_at <= now, jobs.c.status.in_(TERMINAL))
        .order_by(jobs.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).scalars()
    return _delete(tx, list(over))


def _delete(tx: Connection, job_ids: list[str]) -> list[str]:
    if not job_ids:
        return []
    hashes = tx.execute(
        select(parts.c.sha256)
        .distinct()
        .join(items, items.c.id == parts.c.item_id)
        .where(items.c.job_id.in_(job_ids), parts.c.sha256.is_not(None))
    ).scalars()
    found = [str(sha256) for sha256 in hashes]
    tx.execute(delete(jobs).where(jobs.c.id.in_(job_ids)))
    return found
