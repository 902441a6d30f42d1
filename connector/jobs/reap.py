"""Bringing back what was lost: expired leases, passed deadlines, doorbells that nobody answered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from connector.jobs import tally
from connector.jobs.attempts import arrive, attempt_ended, waiting_again
from connector.jobs.changes import Event, move
from connector.jobs.finish import note_error
from connector.jobs.model import Failure, Rules
from connector.jobs.states import Status
from connector.jobs.tables import items, jobs

BATCH = 200
"""Rows of one transaction: short enough that workers hardly wait for it."""

LOST = Failure(
    code="worker-lost", detail="its worker died or was cut off in the middle of every attempt"
)
LATE = Failure(code="deadline-exceeded", detail="its deadline passed before it was finished")


@dataclass(frozen=True, kw_only=True)
class Reaped:
    """What one round brought back."""

    returned: int = 0
    """Items that wait again."""
    failed: int = 0
    """Items whose worker was lost at their last attempt."""
    late: int = 0
    """Waiting items whose deadline passed."""

    @property
    def total(self) -> int:
        """How many rows the round changed."""
        return self.returned + self.failed + self.late


def reap(tx: Connection, now: float, rules: Rules) -> Reaped:
    """Do one round, of at most `BATCH` items each; any number of processes may do it at a time."""
    returned = failed = 0
    for row in tx.execute(_expired(now)).all():
        if _lost(tx, row, now, rules) is Status.FAILED:
            failed += 1
        else:
            returned += 1
    tally.add(tx, tally.LEASES_LOST, returned + failed)
    late = _expire(tx, tx.execute(_overdue(now)).all(), now, rules)
    return Reaped(returned=returned, failed=failed, late=late)


def _expired(now: float) -> Any:
    return (
        select(
            items.c.id.label("item_id"),
            items.c.job_id,
            items.c.name,
            items.c.attempt,
            items.c.attempts_allowed,
            items.c.worker_id,
            items.c.started_at,
        )
        .where(items.c.status == Status.RUNNING, items.c.lease_until < now)
        .order_by(items.c.job_id, items.c.id)  # in the order in which every transaction locks jobs
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )


def _overdue(now: float) -> Any:
    return (
        select(items.c.id.label("item_id"), items.c.job_id, items.c.name)
        .where(items.c.status == Status.QUEUED, items.c.deadline_at <= now)
        .order_by(items.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )


def _lost(tx: Connection, row: Any, now: float, rules: Rules) -> Status:
    cancelled = tx.execute(select(jobs.c.cancel_requested).where(jobs.c.id == row.job_id)).scalar()
    ended = attempt_ended(row, "lost", now, LOST)
    if row.attempt < row.attempts_allowed or cancelled:
        tx.execute(update(items).where(items.c.id == row.item_id).values(waiting_again()))
        arrive(tx, row.item_id, row.job_id, LOST.code, now, rules, ended)
        return Status.QUEUED
    _fail(tx, [row.item_id], LOST, now)
    note_error(tx, row.job_id, LOST)
    moved = {(Status.RUNNING, Status.FAILED): 1}
    move(tx, row.job_id, moved, now, [_failed_event(row, LOST)], rules, also=ended)
    return Status.FAILED


def _expire(tx: Connection, rows: Iterable[Any], now: float, rules: Rules) -> int:
    by_job: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_job[row.job_id].append(row)
    for job_id, late in sorted(by_job.items()):
        _fail(tx, [row.item_id for row in late], LATE, now)
        note_error(tx, job_id, LATE)
        happened = [_failed_event(row, LATE) for row in late]
        move(tx, job_id, {(Status.QUEUED, Status.FAILED): len(late)}, now, happened, rules)
    return sum(map(len, by_job.values()))


def _fail(tx: Connection, ids: list[str], failure: Failure, now: float) -> None:
    tx.execute(
        update(items)
        .where(items.c.id.in_(ids))
        .values(
            status=Status.FAILED,
            finished_at=now,
            lease_until=None,
            error_code=failure.code,
            error_detail=failure.detail,
        )
    )


def _failed_event(row: Any, failure: Failure) -> Event:
    return Event(
        type="item.failed",
        item_id=row.item_id,
        data={"name": row.name, "code": failure.code, "detail": failure.detail},
    )
