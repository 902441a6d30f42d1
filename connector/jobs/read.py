"""Looking at jobs: every query is scoped to a client, so that another's job is as if it were not there."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from connector.jobs.errors import JobNotFound
from connector.jobs.position import position
from connector.jobs.shaping import item_view, job_view, part_view
from connector.jobs.states import Status
from connector.jobs.tables import deliveries, delivery_attempts, events, items, jobs, parts
from connector.jobs.views import (
    AttemptView,
    DeliveryView,
    EventView,
    ItemView,
    JobView,
    PartView,
)

# Of every `/run`, and made once: making a statement costs as much processor time as executing it.
_JOB = select(jobs).where(
    jobs.c.id == bindparam("of_job"), jobs.c.client_id == bindparam("of_client")
)
_ITEMS = (
    select(items)
    .where(items.c.job_id == bindparam("of_job"), items.c.ordinal > bindparam("after"))
    .order_by(items.c.ordinal)
    .limit(bindparam("most"))
)
_PARTS = (
    select(parts)
    .where(parts.c.item_id.in_(bindparam("ids", expanding=True)))
    .order_by(parts.c.item_id, parts.c.ordinal)
)


def job(tx: Connection, client_id: str, job_id: str) -> JobView:
    """Return a job, with its progress and its place in the queue.

    Raises:
        JobNotFound: the client has no such job.
    """
    row = tx.execute(_JOB, {"of_job": job_id, "of_client": client_id}).first()
    if row is None:
        raise JobNotFound(f"there is no job {job_id}")
    place = position(tx, job_id) if row.queued else None
    return job_view(row, _running_progress(tx, [job_id] if row.running else []), place)


def owner(tx: Connection, job_id: str) -> str:
    """Return the client of a job: for operators, who may see every client's.

    Raises:
        JobNotFound: there is no such job.
    """
    client_id = tx.execute(select(jobs.c.client_id).where(jobs.c.id == job_id)).scalar()
    if client_id is None:
        raise JobNotFound(f"there is no job {job_id}")
    return str(client_id)


def jobs_of(
    tx: Connection,
    client_id: str | None,
    *,
    before: str | None = None,
    limit: int = 50,
    status: Status | None = None,
    correlation: str | None = None,
) -> list[JobView]:
    """Return jobs of a client (None: of every client), newest first; calls of /run are left out.

    Args:
        tx: transaction.
        client_id: whose.
        before: only those made before the job of this id.
        limit: at most so many.
        status: only those in this state.
        correlation: only those with this mark of their caller.
    """
    found = select(jobs).where(jobs.c.kind == "job").order_by(jobs.c.id.desc()).limit(limit)
    for column, value in (
        (jobs.c.client_id, client_id),
        (jobs.c.status, status),
        (jobs.c.correlation, correlation),
    ):
        if value is not None:
            found = found.where(column == value)
    if before is not None:
        found = found.where(jobs.c.id < before)
    rows = tx.execute(found).all()
    progress = _running_progress(tx, [row.id for row in rows if row.running])
    return [job_view(row, progress, None) for row in rows]


def most_attempts(tx: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """Return how often the item of each job was begun that was begun most often."""
    rows = tx.execute(
        select(items.c.job_id, func.max(items.c.attempt))
        .where(items.c.job_id.in_(job_ids))
        .group_by(items.c.job_id)
    )
    return {job_id: int(most) for job_id, most in rows}


def items_of(
    tx: Connection,
    job_id: str,
    *,
    after: int = -1,
    limit: int = 100,
    status: Status | None = None,
) -> list[ItemView]:
    """Return items of a job with their parts, in the caller's order. Whose job it is was asked before.

    Args:
        tx: transaction.
        job_id: of the job.
        after: only those behind this place (0 is the first).
        limit: at most so many.
        status: only those in this state.
    """
    found = _ITEMS if status is None else _ITEMS.where(items.c.status == status)
    rows = tx.execute(found, {"of_job": job_id, "after": after, "most": limit}).all()
    by_item = _parts_of(tx, job_id, [row.id for row in rows])
    return [item_view(row, by_item[row.id]) for row in rows]


def part(tx: Connection, job_id: str, part_id: str, *, client_id: str | None) -> PartView:
    """Return a part that is a file of ours.

    Args:
        tx: transaction.
        job_id: the job that it belongs to.
        part_id: its id.
        client_id: whose; None where a signed link has shown that its bearer may have it.

    Raises:
        JobNotFound: there is none, or it is no file of ours (yet).
    """
    found = (
        select(parts)
        .join(items, items.c.id == parts.c.item_id)
        .where(parts.c.id == part_id, items.c.job_id == job_id, parts.c.sha256.is_not(None))
    )
    if client_id is not None:
        found = found.where(items.c.client_id == client_id)
    row = tx.execute(found).first()
    if row is None:
        raise JobNotFound(f"job {job_id} has no file {part_id}")
    return part_view(row, job_id)


def events_of(tx: Connection, job_id: str, *, after: int, limit: int = 200) -> list[EventView]:
    """Return events of a job behind a number, in their order."""
    rows = tx.execute(
        select(events, items.c.name.label("item_name"))
        .outerjoin(items, items.c.id == events.c.item_id)
        .where(events.c.job_id == job_id, events.c.id > after)
        .order_by(events.c.id)
        .limit(limit)
    )
    return [
        EventView(id=row.id, type=row.type, item=row.item_name, data=row.data, at=row.at)
        for row in rows
    ]


def deliveries_of(tx: Connection, job_id: str) -> list[DeliveryView]:
    """Return the callbacks of a job with every attempt, oldest first."""
    rows = tx.execute(
        select(deliveries)
        .where(deliveries.c.job_id == job_id)
        .order_by(deliveries.c.created_at, deliveries.c.id)
    ).all()
    tried = tx.execute(
        select(delivery_attempts)
        .where(delivery_attempts.c.delivery_id.in_([row.id for row in rows]))
        .order_by(delivery_attempts.c.number)
    )
    by_delivery: dict[str, list[AttemptView]] = defaultdict(list)
    for each in tried:
        by_delivery[each.delivery_id].append(
            AttemptView(
                number=each.number,
                at=each.at,
                seconds=each.seconds,
                status=each.status,
                error=each.error,
            )
        )
    return [
        DeliveryView(
            id=row.id,
            type=row.type,
            url=row.url,
            status=row.status,
            next_at=row.next_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
            attempts=tuple(by_delivery[row.id]),
        )
        for row in rows
    ]


def _running_progress(tx: Connection, job_ids: Sequence[str]) -> dict[str, float]:
    if not job_ids:
        return {}
    rows = tx.execute(
        select(items.c.job_id, func.sum(items.c.progress))
        .where(items.c.status == Status.RUNNING, items.c.job_id.in_(job_ids))
        .group_by(items.c.job_id)
    )
    return {job_id: float(progress) for job_id, progress in rows}


def _parts_of(tx: Connection, job_id: str, item_ids: list[str]) -> dict[str, list[PartView]]:
    found: dict[str, list[PartView]] = defaultdict(list)
    rows = tx.execute(_PARTS, {"ids": item_ids})
    for row in rows:
        found[row.item_id].append(part_view(row, job_id))
    return found
