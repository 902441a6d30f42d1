"""How an attempt ended, and an item's way back to the queue."""

from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select, update

from connector.jobs.changes import Event, move
from connector.jobs.model import Claim, Failure, Rules
from connector.jobs.states import Status
from connector.jobs.tables import attempts, items

Outcome = Literal["finished", "failed", "cancelled", "lost", "returned"]
"""Of one attempt; "returned": its worker ended and handed the item back."""

_CLOSE = (
    update(attempts)
    .where(attempts.c.item_id == bindparam("of_item"), attempts.c.number == bindparam("of_number"))
    .values({each: bindparam(f"new_{each}") for each in ("ended_at", "outcome", "code", "detail")})
)


def close_attempt(
    tx: Connection,
    item_id: str,
    number: int,
    outcome: Outcome,
    now: float,
    *,
    code: str | None = None,
    detail: str | None = None,
) -> None:
    """Write how an attempt ended."""
    tx.execute(
        _CLOSE,
        {
            "of_item": item_id,
            "of_number": number,
            "new_ended_at": now,
            "new_outcome": outcome,
            "new_code": code,
            "new_detail": detail,
        },
    )


def was_ours(tx: Connection, held: Claim, outcome: Outcome) -> bool:
    """Say whether this very attempt ended so before: the commit was kept, only its answer was lost."""
    row = tx.execute(
        select(attempts.c.outcome).where(
            attempts.c.item_id == held.item_id, attempts.c.number == held.attempt
        )
    ).first()
    return row is not None and row.outcome == outcome


def give_back(tx: Connection, held: Claim, now: float, rules: Rules) -> bool:
    """Put an item back as if it had not been begun, since its worker ends.

    Returns:
        Whether it counts. False: the lease was lost, and nothing was written.
    """
    more = {"attempts_allowed": items.c.attempts_allowed + 1}
    if not _to_queue(tx, held, more):
        return was_ours(tx, held, "returned")
    close_attempt(tx, held.item_id, held.attempt, "returned", now)
    arrive(tx, held.item_id, held.job_id, "worker-ends", now, rules)
    return True


def put_back(tx: Connection, held: Claim, failure: Failure, now: float, rules: Rules) -> bool:
    """Put an item back after a failure that may pass. Return whether it counts, as `give_back` does."""
    if not _to_queue(tx, held, {}):
        return was_ours(tx, held, "failed")
    close_attempt(
        tx, held.item_id, held.attempt, "failed", now, code=failure.code, detail=failure.detail
    )
    arrive(tx, held.item_id, held.job_id, failure.code, now, rules)
    return True


def arrive(
    tx: Connection, item_id: str, job_id: str, reason: str, now: float, rules: Rules
) -> None:
    """Take into account that a running item's row says QUEUED again; cancel it if its job was cancelled.

    That is only known for sure here, where the job's row is locked: a cancellation in between saw
    the item running and left it to its worker.
    """
    event = Event(type="item.queued", item_id=item_id, data={"reason": reason})
    moved = move(tx, job_id, {(Status.RUNNING, Status.QUEUED): 1}, now, [event], rules)
    if moved.row.cancel_requested:
        tx.execute(
            update(items)
            .where(items.c.id == item_id)
            .values(status=Status.CANCELLED, finished_at=now)
        )
        event = Event(type="item.cancelled", item_id=item_id)
        move(tx, job_id, {(Status.QUEUED, Status.CANCELLED): 1}, now, [event], rules)


def waiting_again() -> dict[str, Any]:
    """Return the values of an item's row that waits again."""
    return {
        "status": Status.QUEUED,
        "lease_until": None,
        "worker_id": None,
        "progress": 0.0,
        "phase": "",
        "rung_at": 0.0,
    }


def _to_queue(tx: Connection, held: Claim, more: dict[str, Any]) -> bool:
    back = tx.execute(
        update(items)
        .where(
            items.c.id == held.item_id,
            items.c.attempt == held.attempt,
            items.c.status == Status.RUNNING,
        )
        .values(waiting_again() | more)
        .returning(items.c.id)
    ).first()
    return back is not None
