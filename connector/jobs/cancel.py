"""Cancelling a job: what waits ends at once, what runs is asked to stop."""

from typing import Literal

from sqlalchemy import Connection, select, update

from connector.jobs.changes import move
from connector.jobs.errors import JobNotFound, TooLate
from connector.jobs.model import Rules
from connector.jobs.states import TERMINAL, Status
from connector.jobs.tables import items, jobs

Cancelled = Literal["requested", "done"]
"""Whether something still runs that was asked to stop, or all has ended."""


def cancel(tx: Connection, client_id: str, job_id: str, now: float, rules: Rules) -> Cancelled:
    """Cancel a job.

    Raises:
        JobNotFound: the client has no such job.
        TooLate: it ended otherwise before.
    """
    found = tx.execute(
        select(jobs.c.status).where(jobs.c.id == job_id, jobs.c.client_id == client_id)
    ).first()
    if found is None:
        raise JobNotFound(f"there is no job {job_id}")
    if found.status == Status.CANCELLED:
        return "done"
    if found.status in TERMINAL:
        raise TooLate(f"job {job_id} is {found.status} already")
    gone = tx.execute(
        update(items)
        .where(items.c.job_id == job_id, items.c.status == Status.QUEUED)
        .values(status=Status.CANCELLED, finished_at=now)
    ).rowcount
    tx.execute(update(jobs).where(jobs.c.id == job_id).values(cancel_requested=True))
    after = move(tx, job_id, {(Status.QUEUED, Status.CANCELLED): gone}, now, [], rules).after
    return "done" if after in TERMINAL else "requested"
