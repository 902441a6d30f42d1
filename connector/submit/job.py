"""Creating a job from what was checked: the rows, then the doorbell."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from connector.jobs import create
from connector.jobs.create import Created, IdempotencyKey
from connector.jobs.database import Database
from connector.jobs.model import NewItem, NewJob, Rules
from connector.queue.doorbell import Doorbell
from connector.submit.shelf import Shelf


def create_job(
    database: Database,
    doorbell: Doorbell,
    shelf: Shelf,
    job: NewJob,
    items: Sequence[NewItem],
    rules: Rules,
    *,
    key: IdempotencyKey | None,
    max_queued: int,
    also: Callable[[Connection, str], object] | None = None,
) -> Created:
    """Write a job and wake workers for it. Files of a job that was made before are given up.

    `also` is called in the same transaction with the job's id, whether it is new or was made before.

    Raises:
        KeyReused, QueueFull: as `create.create`; nothing was written.
        DatabaseUnavailable: whether it was created is unknown; an idempotency key tells.
    """

    def write(tx: Connection) -> Created:
        made = create.create(
            tx,
            job,
            items,
            shelf.touched_at,
            rules,
            key=key,
            max_queued=max_queued,
            touched_at=shelf.touched_at,
        )
        if also is not None:
            also(tx, made.job_id)
        return made

    try:
        made = database.write(write)
    except IntegrityError:
        # Another request with the same key was first by a moment; the second look finds it.
        if key is None:
            raise
        made = database.write(write)
    doorbell.ring(made.bells)
    if not made.is_new:
        shelf.give_up()
    return made
