"""Jobs by number, for callers that know no other ids: jadice flow's jobExecutionID is one."""

from sqlalchemy import Connection, insert, select

from connector.jobs.errors import JobNotFound
from connector.jobs.tables import job_numbers, jobs

GREATEST = 2**63 - 1
"""The greatest number that a database, or a long of Java, holds."""


def number_of(tx: Connection, job_id: str) -> int:
    """Return the number of a job; the first time it is given one, which nothing else ever gets."""
    known = select(job_numbers.c.number).where(job_numbers.c.job_id == job_id)
    found = tx.execute(known).scalar()
    if found is None:
        new = insert(job_numbers).values(job_id=job_id).returning(job_numbers.c.number)
        found = tx.execute(new).scalar_one()
    return int(found)


def numbered(tx: Connection, client_id: str, number: int) -> str:
    """Return the id of the job that has a number.

    Raises:
        JobNotFound: the client has no such job; another's is as if it were not there.
    """
    found = tx.execute(
        select(jobs.c.id)
        .join(job_numbers, job_numbers.c.job_id == jobs.c.id)
        .where(job_numbers.c.number == number, jobs.c.client_id == client_id)
    ).scalar()
    if found is None:
        raise JobNotFound(f"there is no job {number}")
    return str(found)
