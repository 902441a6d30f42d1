"""Running the failed items of a job again: the one way out of FAILED, and its owner's alone."""

from sqlalchemy import Connection, select, update

from connector.jobs.changes import Event, move
from connector.jobs.errors import JobNotFound, TooLate
from connector.jobs.model import Rules
from connector.jobs.states import Status
from connector.jobs.tables import items, jobs


def retry(tx: Connection, client_id: str, job_id: str, now: float, rules: Rules) -> int:
    """Queue the failed items of a job again, with fresh attempts and the job's own time to its deadline.

    Returns:
        How many; 0 when they wait or run already, so that asking twice is harmless.

    Raises:
        JobNotFound: the client has no such job.
        TooLate: nothing of it failed, or it is cancelled.
    """
    job = tx.execute(select(jobs).where(jobs.c.id == job_id, jobs.c.client_id == client_id)).first()
    if job is None:
        raise JobNotFound(f"there is no job {job_id}")
    if job.cancel_requested:
        raise TooLate(f"job {job_id} was cancelled")
    if job.failed == 0:
        if job.status in (Status.QUEUED, Status.RUNNING):
            return 0
        raise TooLate(f"no item of job {job_id} failed")
    deadline = None if job.deadline_at is None else now + job.deadline_at - job.created_at
    count = tx.execute(
        update(items)
        .where(items.c.job_id == job_id, items.c.status == Status.FAILED)
        .values(
            status=Status.QUEUED,
            attempts_allowed=items.c.attempt + rules.attempts_allowed,
            progress=0.0,
            phase="",
            rung_at=0.0,
            finished_at=None,
            deadline_at=deadline,
            error_code=None,
            error_detail=None,
            error_pointer=None,
            error_fields=None,
        )
    ).rowcount
    tx.execute(update(jobs).where(jobs.c.id == job_id).values(error_code=None, error_detail=None))
    event = Event(type="job.retried", data={"items": count})
    move(tx, job_id, {(Status.FAILED, Status.QUEUED): count}, now, [event], rules)
    return count
