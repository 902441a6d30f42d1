"""Callbacks that are due, as rows: claimed for a while, and closed by the outcome of an attempt.

Any number of senders may do this at a time. One that dies in the middle leaves a lease that runs out; the
attempt is then made again under the same id, as Standard Webhooks allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from connector.jobs.tables import clients, deliveries, delivery_attempts
from connector.webhooks.schedule import Verdict
from connector.webhooks.sender import ATTEMPT_SECONDS, Outcome
from connector.webhooks.signature import new_secret

PENDING, DELIVERED, FAILED = "PENDING", "DELIVERED", "FAILED"
LEASE_SECONDS = 4 * ATTEMPT_SECONDS
"""How long a sender has a delivery to itself: an attempt, with time to wait for its turn and to write."""
MAX_ERROR = 2000
"""Characters of an error that are kept."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """A delivery that a sender has claimed."""

    id: str
    client_id: str
    job_id: str
    url: str
    body: str
    attempt: int
    """Of this round of the schedule; 1 for the first."""
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        """Name the delivery without its secrets, and without its URL, which may be one."""
        return f"Due({self.id!r}, attempt={self.attempt})"


def claim_due(tx: Connection, now: float, limit: int) -> list[Due]:
    """Claim up to `limit` deliveries that are due, the longest due first."""
    due = (
        select(deliveries.c.id)
        .where(
            deliveries.c.status == PENDING,
            deliveries.c.next_at <= now,
            deliveries.c.lease_until <= now,
        )
        .order_by(deliveries.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = tx.execute(due).scalars().all()
    if not ids:
        return []
    rows = tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(lease_until=now + LEASE_SECONDS)
        .returning(deliveries)
    ).all()
    secrets = {client_id: secrets_of(tx, client_id) for client_id in {r.client_id for r in rows}}
    return [
        Due(
            id=row.id,
            client_id=row.client_id,
            job_id=row.job_id,
            url=row.url,
            body=row.body,
            attempt=row.attempts + 1,
            secrets=secrets[row.client_id],
        )
        for row in sorted(rows, key=lambda row: (row.next_at, row.id))
    ]


def secrets_of(tx: Connection, client_id: str) -> tuple[str, ...]:
    """Return a client's secrets, oldest first; the first one is made when it is first needed."""
    found: Sequence[str] = tx.execute(
        select(clients.c.webhook_secrets).where(clients.c.id == client_id).with_for_update()
    ).scalar_one()
    if not found:
        found = [new_secret()]
        tx.execute(
            update(clients).where(clients.c.id == client_id).values(webhook_secrets=list(found))
        )
    return tuple(found)


def record(tx: Connection, due: Due, outcome: Outcome, now: float) -> bool:
    """Write how an attempt went, and when the next one is due.

    Returns:
        Whether it counts. False: the lease had run out and another sender was first, or the job is gone.
    """
    over = outcome.verdict is not Verdict.RETRY or outcome.next_in is None
    status = PENDING
    if over:
        status = DELIVERED if outcome.verdict is Verdict.DELIVERED else FAILED
    closed = tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id == due.id,
            deliveries.c.status == PENDING,
            deliveries.c.attempts == due.attempt - 1,
        )
        .values(
            status=status,
            attempts=due.attempt,
            next_at=now + (outcome.next_in or 0.0),
            lease_until=0.0,
            finished_at=now if over else None,
        )
    ).rowcount
    if closed == 0:
        return False
    # Counted over all rounds: a delivery that is sent again by hand begins its schedule anew.
    last = tx.execute(
        select(func.coalesce(func.max(delivery_attempts.c.number), 0)).where(
            delivery_attempts.c.delivery_id == due.id
        )
    ).scalar_one()
    tx.execute(
        insert(delivery_attempts).values(
            delivery_id=due.id,
            number=int(last) + 1,
            at=now,
            seconds=outcome.seconds,
            status=outcome.status,
            error=None if outcome.error is None else outcome.error[:MAX_ERROR],
        )
    )
    return True
