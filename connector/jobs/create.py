"""Creating a job: its rows in one transaction, idempotent by the job's id and by the caller's key."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from connector.jobs import rows
from connector.jobs.changes import Event, record
from connector.jobs.errors import KeyReused, QueueFull
from connector.jobs.filed import settle
from connector.jobs.model import NewItem, NewJob, Rules
from connector.jobs.states import Status
from connector.jobs.tables import clients, idempotency_keys, items, jobs, parts
from connector.jobs.waiting import MOST_BELLS, Bell, bells_of_job

CHUNK = 500
"""Items per INSERT: bounded memory for a job of a hundred thousand."""

# Made once: making a statement costs as much processor time as executing it, and `/run` waits for it.
_SEEN = select(clients.c.id).where(clients.c.id == bindparam("of_client"))
_CLIENT = select(
    clients.c.max_queued,
    select(func.coalesce(func.sum(jobs.c.queued), 0))
    # One that expires has ended: by this index the few are found that have not.
    .where(jobs.c.expires_at.is_(None), jobs.c.client_id == clients.c.id, jobs.c.queued > 0)
    .scalar_subquery()
    .label("waiting"),
).where(clients.c.id == bindparam("of_client"))
_ITEMS, _PARTS = insert(items), insert(parts)


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """A caller's promise that two requests are one."""

    key: str
    fingerprint: str
    """SHA-256 of the request, hexadecimal."""
    seconds: float = 24 * 3600.0
    """How long it is kept."""


@dataclass(frozen=True, kw_only=True)
class Created:
    """A job that is there now."""

    job_id: str
    is_new: bool
    """False: an earlier request with the same key made it."""
    bells: tuple[Bell, ...] = ()
    """To be rung after the commit."""


def create(
    tx: Connection,
    job: NewJob,
    its_items: Sequence[NewItem],
    now: float,
    rules: Rules,
    *,
    key: IdempotencyKey | None = None,
    max_queued: int | None = None,
    touched_at: float = 0.0,
) -> Created:
    """Write a job with its items and their parts; ring the queue only after the commit.

    Args:
        tx: transaction.
        job: as checked by its caller; `files` of its parts are stored and known (`filed.touch`).
        its_items: at least one.
        now: seconds since 1970.
        rules: of the installation.
        key: the caller's idempotency key.
        touched_at: when the files of its parts were touched; they are settled here.
        max_queued: items that a client may have waiting, unless its own row says otherwise.

    Raises:
        KeyReused: the key came with another request before.
        QueueFull: the client has too many items waiting.
    """
    if key is not None:
        earlier = _earlier(tx, job.client_id, key, now)
        if earlier == job.id:
            return _made_before(tx, job, now)
        if earlier is not None:
            return Created(job_id=earlier, is_new=False)
    client = _client(tx, job.client_id, now)
    count = len(its_items)
    if tx.execute(_job(tx.dialect.name), rows.of_job(job, count, now)).first() is None:
        return _made_before(tx, job, now)
    _check_room(client, count, max_queued)
    bells = _add_items(tx, job, its_items, now, rules, touched_at)
    if key is not None:
        tx.execute(
            insert(idempotency_keys).values(
                client_id=job.client_id,
                key=key.key,
                fingerprint=key.fingerprint,
                job_id=job.id,
                expires_at=now + key.seconds,
            )
        )
    counts: dict[str, Any] = {status.lower(): 0 for status in Status} | {"queued": count}
    record(
        tx,
        job.id,
        [Event(type="job.queued", data={"status": "QUEUED", "counts": counts})],
        now,
    )
    return Created(job_id=job.id, is_new=True, bells=bells)


def _made_before(tx: Connection, job: NewJob, now: float) -> Created:
    """Return our own job, of a commit whose answer was lost."""
    return Created(job_id=job.id, is_new=True, bells=tuple(bells_of_job(tx, job.id, now)))


def ensure_client(tx: Connection, client_id: str, now: float) -> None:
    """Make the row of a client that is seen for the first time; another process may do so meanwhile."""
    if tx.execute(_SEEN, {"of_client": client_id}).first() is None:
        insert_one = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        row = insert_one(clients).values(
            id=client_id, created_at=now, served_at=0.0, webhook_secrets=[]
        )
        tx.execute(row.on_conflict_do_nothing())


def _earlier(tx: Connection, client_id: str, key: IdempotencyKey, now: float) -> str | None:
    table = idempotency_keys
    row = tx.execute(
        select(table).where(table.c.client_id == client_id, table.c.key == key.key)
    ).first()
    if row is None:
        return None
    if row.expires_at <= now:
        tx.execute(table.delete().where(table.c.client_id == client_id, table.c.key == key.key))
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyReused(
            "this idempotency key was used with another request within the last 24 hours",
            pointer="Idempotency-Key",
        )
    return str(row.job_id)


def _client(tx: Connection, client_id: str, now: float) -> Any:
    """Return a client's own limit and how many of its items wait."""
    row = tx.execute(_CLIENT, {"of_client": client_id}).first()
    if row is None:
        ensure_client(tx, client_id, now)
        row = tx.execute(_CLIENT, {"of_client": client_id}).one()
    return row


def _check_room(client: Any, count: int, max_queued: int | None) -> None:
    limit = max_queued if client.max_queued is None else client.max_queued
    if limit is not None and int(client.waiting) + count > limit:
        raise QueueFull(
            f"{client.waiting} items of this client wait already; {count} more would exceed its limit of {limit}"
        )


@cache
def _job(dialect: str) -> Any:
    insert_one = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert_one(jobs).on_conflict_do_nothing(index_elements=["id"]).returning(jobs.c.id)


def _add_items(
    tx: Connection,
    job: NewJob,
    its_items: Sequence[NewItem],
    now: float,
    rules: Rules,
    touched_at: float,
) -> tuple[Bell, ...]:
    """Write the items; the first ones as rung for, as their bells are returned."""
    bells: list[Bell] = []
    numbered = enumerate(its_items)
    while chunk := list(islice(numbered, CHUNK)):
        its_rows, part_rows = [], []
        for ordinal, item in chunk:
            rung = ordinal < MOST_BELLS
            row = rows.of_item(job, item, ordinal, now, rules, rung_at=now if rung else 0.0)
            its_rows.append(row)
            part_rows += rows.of_parts(row["id"], item)
            if rung:
                bells.append(Bell(item_id=row["id"], queue=job.queue, priority=job.priority))
        tx.execute(_ITEMS, its_rows)
        if part_rows:  # items whose steps make pictures from words have none
            tx.execute(_PARTS, part_rows)
        hashes = (part.sha256 for _, item in chunk for part in item.parts)
        settle(tx, (sha256 for sha256 in hashes if sha256 is not None), touched_at)
    return tuple(bells)
