"""Sending a callback again, at its owner's word."""

from sqlalchemy import Connection, select, update

from connector.jobs.errors import JobNotFound
from connector.jobs.tables import deliveries


def redeliver(tx: Connection, job_id: str, delivery_id: str, now: float) -> None:
    """Make a callback due now. Whose job it is was asked before.

    The count of attempts goes on: one that had used them all up gets one more.

    Raises:
        JobNotFound: the job has no such callback.
    """
    found = tx.execute(
        select(deliveries.c.id)
        .where(deliveries.c.id == delivery_id, deliveries.c.job_id == job_id)
        .with_for_update()
    ).first()
    if found is None:
        raise JobNotFound(f"job {job_id} has no callback {delivery_id}")
    tx.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(status="PENDING", next_at=now, finished_at=None)
    )
