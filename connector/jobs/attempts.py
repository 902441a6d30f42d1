"""How an attempt ended, and an item's way back to the queue."""

from typing import Any, Literal, Protocol

from sqlalchemy import Connection, bindparam, insert, select, update

from connector.jobs.changes import Event, move
from connector.jobs.model import Claim, Failure, Rules
from connector.jobs.states import Status
from connector.jobs.tables import attempts, items
from connector.jobs.together import Change

Outcome = Literal["finished", "failed", "cancelled", "lost", "returned"]
"""Of one attempt; "returned": its worker ended and handed the item back."""

_ENDED = insert(attempts).values(
    {each.name: bindparam(f"attempt_{each.name}") for each in attempts.columns}
)


class Begun(Protocol):
    """What is known of an attempt while it lasts: a claim, or the item's own row."""

    @property
    def item_id(self) -> str:
        """Of its item."""

    @property
    def attempt(self) -> int:
        """Its number."""

    @property
    def worker_id(self) -> str:
        """Of the worker that began it."""

    @property
    def started_at(self) -> float:
        """Seconds since 1970."""


def attempt_ended(
    held: Begun, outcome: Outcome, now: float, failure: Failure | None = None
) -> Change:
    """Return the row of an attempt. It is written when it ends: till then the item's own row says it all."""
    return Change(
        statements=(_ENDED,),
        given={
            "attempt_item_id": held.item_id,
            "attempt_number": held.attempt,
            "attempt_worker_id": held.worker_id,
            "attempt_started_at": held.started_at,
            "attempt_ended_at": now,
            "attempt_outcome": outcome,
            "attempt_code": failure and failure.code,
            "attempt_detail": failure and failure.detail,
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
    ended = attempt_ended(held, "returned", now)
    arrive(tx, held.item_id, held.job_id, "worker-ends", now, rules, ended)
    return True


def put_back(tx: Connection, held: Claim, failure: Failure, now: float, rules: Rules) -> bool:
    """Put an item back after a failure that may pass. Return whether it counts, as `give_back` does."""
    if not _to_queue(tx, held, {}):
        return was_ours(tx, held, "failed")
    ended = attempt_ended(held, "failed", now, failure)
    arrive(tx, held.item_id, held.job_id, failure.code, now, rules, ended)
    return True


def arrive(
    tx: Connection,
    item_id: str,
    job_id: str,
    reason: str,
    now: float,
    rules: Rules,
    ended: Change,
) -> None:
    """Take into account that a running item's row says QUEUED again; cancel it if its job was cancelled.

    That is only known for sure here, where the job's row is locked: a cancellation in between saw
    the item running and left it to its worker.
    """
    event = Event(type="item.queued", item_id=item_id, data={"reason": reason})
    moved = move(tx, job_id, {(Status.RUNNING, Status.QUEUED): 1}, now, [event], rules, also=ended)
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
