"""Creating a job: its rows in one transaction, idempotent by the job's id and by the caller's key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from connector.jobs.changes import Event, record
from connector.jobs.errors import KeyReused, QueueFull
from connector.jobs.filed import settle
from connector.jobs.ids import new_id
from connector.jobs.model import NewItem, NewJob, Rules, StepCall
from connector.jobs.states import Status
from connector.jobs.tables import clients, idempotency_keys, items, jobs, parts

CHUNK = 500
"""Items per INSERT: bounded memory for a job of a hundred thousand."""

# Made once: making a statement costs as much processor time as executing it, and `/run` waits for it.
_SEEN = select(clients.c.id).where(clients.c.id == bindparam("of_client"))
_THERE = select(jobs.c.id).where(jobs.c.id == bindparam("of_job"))
_JOB, _ITEMS, _PARTS = insert(jobs), insert(items), insert(parts)
_TOTAL = (
    jobs.update()
    .where(jobs.c.id == bindparam("of_job"))
    .values(total=bindparam("new_total"), queued=bindparam("new_total"))
)
_OWN_LIMIT = select(clients.c.max_queued).where(clients.c.id == bindparam("of_client"))
_WAITING = select(func.coalesce(func.sum(jobs.c.queued), 0)).where(
    jobs.c.client_id == bindparam("of_client"), jobs.c.queued > 0
)


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


def create(
    tx: Connection,
    job: NewJob,
    its_items: Iterable[NewItem],
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
        its_items: at least one; read once, in chunks, so that it may be a generator. Must be
            repeatable (a list, or an object with `__iter__`) where the transaction may run again.
        now: seconds since 1970.
        rules: of the installation.
        key: the caller's idempotency key.
        touched_at: when the files of its parts were touched; they are settled here.
        max_queued: items that a client may have waiting, unless its own row says otherwise.

    Raises:
        KeyReused: the key came with another request before.
        QueueFull: the client has too many items waiting.
    """
    if tx.execute(_THERE, {"of_job": job.id}).first() is not None:
        return Created(job_id=job.id, is_new=True)  # our own, of a commit whose answer was lost
    if key is not None:
        earlier = _earlier(tx, job.client_id, key, now)
        if earlier is not None:
            return Created(job_id=earlier, is_new=False)
    # The job comes first, for its items refer to it; how many they are is known at the end.
    tx.execute(_JOB, _job_row(job, now))
    count = 0
    numbered = enumerate(its_items)
    while chunk := list(islice(numbered, CHUNK)):
        _insert_items(tx, job, chunk, now, rules)
        hashes = (part.sha256 for _, item in chunk for part in item.parts)
        settle(tx, (sha256 for sha256 in hashes if sha256 is not None), touched_at)
        count += len(chunk)
    _check_room(tx, job.client_id, count, max_queued)
    tx.execute(_TOTAL, {"of_job": job.id, "new_total": count})
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
    return Created(job_id=job.id, is_new=True)


def ensure_client(tx: Connection, client_id: str, now: float) -> None:
    """Make the row of a client that is seen for the first time; another process may do so meanwhile."""
    if tx.execute(_SEEN, {"of_client": client_id}).first() is None:
        insert_one = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        row = insert_one(clients).values(
            id=client_id, created_at=now, served_at=0.0, webhook_secrets=[]
        )
        tx.execute(row.on_conflict_do_nothing())


def steps_as_json(steps: Iterable[StepCall]) -> list[dict[str, Any]]:
    """Return a chain as the row holds it."""
    return [
        {
            "step": call.step,
            "parameters": dict(call.parameters),
            "onFailure": call.on_failure,
            "keep": call.keep,
        }
        for call in steps
    ]


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


def _check_room(tx: Connection, client_id: str, count: int, max_queued: int | None) -> None:
    own = tx.execute(_OWN_LIMIT, {"of_client": client_id}).scalar()
    limit = max_queued if own is None else own
    if limit is None:
        return
    waiting = tx.execute(_WAITING, {"of_client": client_id}).scalar_one()
    if int(waiting) + count > limit:
        raise QueueFull(
            f"{waiting} items of this client wait already; {count} more would exceed its limit of {limit}"
        )


def _job_row(job: NewJob, now: float) -> dict[str, Any]:
    deadline = None if job.deadline_seconds is None else now + job.deadline_seconds
    return {
        "id": job.id,
        "client_id": job.client_id,
        "kind": job.kind,
        "status": Status.QUEUED,
        "priority": job.priority,
        "template": job.template,
        "steps": steps_as_json(job.steps),
        "output": dict(job.output),
        "correlation": job.correlation,
        "trace_id": job.trace_id,
        "trace_parent": job.trace_parent,
        "callback_url": job.callback_url,
        "callback_events": list(job.callback_events),
        "created_at": now,
        "deadline_at": deadline,
        "cancel_requested": False,
        **dict.fromkeys(("total", "queued", "running", "finished", "failed", "cancelled"), 0),
    }


def _insert_items(
    tx: Connection, job: NewJob, chunk: list[tuple[int, NewItem]], now: float, rules: Rules
) -> None:
    deadline = None if job.deadline_seconds is None else now + job.deadline_seconds
    rows, part_rows = [], []
    for ordinal, item in chunk:
        item_id = new_id()
        rows.append(
            {
                "id": item_id,
                "job_id": job.id,
                "ordinal": ordinal,
                "name": item.name,
                "client_id": job.client_id,
                "status": Status.QUEUED,
                "queue": job.queue,
                "priority": job.priority,
                "attempt": 0,
                "attempts_allowed": rules.attempts_allowed,
                "progress": 0.0,
                "phase": "",
                "rung_at": 0.0,
                "created_at": now,
                "deadline_at": deadline,
                "index_data": dict(item.index_data),
                "processing_properties": dict(item.processing_properties),
            }
        )
        part_rows += list(_part_rows(item_id, item))
    tx.execute(_ITEMS, rows)
    tx.execute(_PARTS, part_rows)


def _part_rows(item_id: str, item: NewItem) -> Iterator[dict[str, Any]]:
    for ordinal, part in enumerate(item.parts):
        yield {
            "id": new_id(),
            "item_id": item_id,
            "ordinal": ordinal,
            "step": -1,
            "type": part.type,
            "role": part.role,
            "filename": part.filename,
            "mime_type": part.mime_type,
            "url": part.url,
            "sha256": part.sha256,
            "size_bytes": part.size_bytes,
            "width": 0,
            "height": 0,
        }
