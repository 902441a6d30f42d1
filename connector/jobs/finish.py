"""The end of an attempt: one conditional update that names it. A second worker's changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, insert, select, update

from connector.jobs.attempts import close_attempt, put_back, was_ours
from connector.jobs.changes import Event, move
from connector.jobs.filed import settle
from connector.jobs.model import Claim, Failure, MadePart, Rules
from connector.jobs.states import Status
from connector.jobs.tables import items, jobs, parts

_REPLACED = (
    update(parts).where(parts.c.id.in_(bindparam("ids", expanding=True))).values(type="META")
)
_INSERT_PARTS = insert(parts)


def finish(
    tx: Connection,
    held: Claim,
    made: Sequence[MadePart],
    replaced: Iterable[str],
    now: float,
    rules: Rules,
    *,
    reports: Sequence[Mapping[str, JsonValue]] = (),
    touched_at: float = 0.0,
) -> bool:
    """Record an item's result.

    Args:
        tx: transaction.
        held: the claim.
        made: the new parts, in order; their files are stored and known (`filed.touch`).
        replaced: ids of parts that a newer one replaces; they become META.
        now: seconds since 1970.
        rules: of the installation.
        reports: one of each step of the chain.
        touched_at: when the files of `made` were touched; they are settled here.

    Returns:
        Whether it counts. False: the lease was lost, and nothing was written.
    """
    if not _end(tx, held, Status.FINISHED, now, reports=[dict(report) for report in reports]):
        return was_ours(tx, held, "finished")
    gone = list(replaced)
    if gone:
        tx.execute(_REPLACED, {"ids": gone})
    if made:
        tx.execute(_INSERT_PARTS, _rows(held, made))
        settle(tx, (part.sha256 for part in made), touched_at)
    close_attempt(tx, held.item_id, held.attempt, "finished", now)
    event = Event(type="item.finished", item_id=held.item_id, data={"name": held.name})
    move(tx, held.job_id, {(Status.RUNNING, Status.FINISHED): 1}, now, [event], rules)
    return True


def fail(tx: Connection, held: Claim, failure: Failure, now: float, rules: Rules) -> bool:
    """Record that an item failed for good. Return whether it counts, as `finish` does."""
    if not _end(
        tx,
        held,
        Status.FAILED,
        now,
        error_code=failure.code,
        error_detail=failure.detail,
        error_pointer=failure.pointer,
        error_fields=[list(field) for field in failure.fields] or None,
    ):
        return was_ours(tx, held, "failed")
    close_attempt(
        tx, held.item_id, held.attempt, "failed", now, code=failure.code, detail=failure.detail
    )
    note_error(tx, held.job_id, failure)
    event = Event(
        type="item.failed",
        item_id=held.item_id,
        data={"name": held.name, "code": failure.code, "detail": failure.detail},
    )
    move(tx, held.job_id, {(Status.RUNNING, Status.FAILED): 1}, now, [event], rules)
    return True


def try_again(tx: Connection, held: Claim, failure: Failure, now: float, rules: Rules) -> bool:
    """Put an item back after a failure that may pass; fail it when its attempts are used up."""
    row = tx.execute(select(items.c.attempts_allowed).where(items.c.id == held.item_id)).first()
    if row is None or held.attempt >= row.attempts_allowed:
        return fail(tx, held, failure, now, rules)
    return put_back(tx, held, failure, now, rules)


def stop(tx: Connection, held: Claim, now: float, rules: Rules) -> bool:
    """Record that an item was stopped because its owner cancelled it. Return whether it counts."""
    if not _end(tx, held, Status.CANCELLED, now):
        return was_ours(tx, held, "cancelled")
    close_attempt(tx, held.item_id, held.attempt, "cancelled", now)
    event = Event(type="item.cancelled", item_id=held.item_id, data={"name": held.name})
    move(tx, held.job_id, {(Status.RUNNING, Status.CANCELLED): 1}, now, [event], rules)
    return True


def note_error(tx: Connection, job_id: str, failure: Failure) -> None:
    """Keep the first failure of a job's items as the job's own error."""
    tx.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.error_code.is_(None))
        .values(error_code=failure.code, error_detail=failure.detail)
    )


def _end(tx: Connection, held: Claim, status: Status, now: float, **more: object) -> bool:
    values = {"status": status, "finished_at": now, "lease_until": None, **more}
    if status is Status.FINISHED:
        values["progress"] = 1.0
    names = {"of_item": held.item_id, "of_attempt": held.attempt}
    given = names | {f"new_{name}": value for name, value in values.items()}
    return tx.execute(_ending(tuple(values)), given).first() is not None


@cache
def _ending(columns: tuple[str, ...]) -> Any:
    """Return the statement that ends an attempt; made once for each set of columns."""
    return (
        update(items)
        .where(
            items.c.id == bindparam("of_item"),
            items.c.attempt == bindparam("of_attempt"),
            items.c.status == Status.RUNNING,
        )
        .values({name: bindparam(f"new_{name}") for name in columns})
        .returning(items.c.id)
    )


def _rows(held: Claim, made: Sequence[MadePart]) -> list[dict[str, object]]:
    return [
        {
            "id": part.id,
            "item_id": held.item_id,
            "ordinal": len(held.parts) + index,  # behind the caller's own
            "step": part.step,
            "type": part.type,
            "role": part.role,
            "filename": part.filename,
            "mime_type": part.mime_type,
            "url": None,
            "sha256": part.sha256,
            "size_bytes": part.size_bytes,
            "width": part.width,
            "height": part.height,
            "source_part_id": part.source_part_id,
        }
        for index, part in enumerate(made)
    ]
