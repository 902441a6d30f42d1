"""The end of an attempt: one conditional update that names it. A second worker's changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.sql.dml import Insert

from connector.jobs.attempts import attempt_ended, put_back, was_ours
from connector.jobs.changes import Event, move
from connector.jobs.claim import BEGUN, claimed, lease
from connector.jobs.filed import settled
from connector.jobs.model import Claim, Failure, MadePart, Rules
from connector.jobs.states import Status
from connector.jobs.tables import items, jobs, parts
from connector.jobs.together import NOTHING, Change

FINISHED = (Status.RUNNING, Status.FINISHED)
"""How the items of a job move by a finish."""

_REPLACED = (
    update(parts)
    .where(parts.c.id.in_(bindparam("replaced_ids", expanding=True)))
    .values(type="META")
)


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
    counts, _ = finish_and_claim(
        tx, held, made, replaced, (), now, rules, reports=reports, touched_at=touched_at
    )
    return counts


def finish_and_claim(
    tx: Connection,
    held: Claim,
    made: Sequence[MadePart],
    replaced: Iterable[str],
    queues: Sequence[str],
    now: float,
    rules: Rules,
    *,
    reports: Sequence[Mapping[str, JsonValue]] = (),
    touched_at: float = 0.0,
) -> tuple[bool, Claim | None]:
    """Do `finish`, and lease the next item of these queues to the same worker: one commit instead of two.

    Returns:
        Whether the result counts, as `finish` says; and the next claim: None if nothing waits, or it does not.
    """
    if not _end(tx, held, Status.FINISHED, now, reports=[dict(report) for report in reports]):
        return was_ours(tx, held, "finished"), None
    leased = lease(tx, queues, held.worker_id, now, rules)
    moves = defaultdict(Counter, {held.job_id: Counter({FINISHED: 1})})
    if leased is not None:
        moves[leased.job_id][BEGUN] += 1
    rows = {}
    for job_id, moved in sorted(moves.items()):  # jobs are locked in one order everywhere
        happened, also = [], NOTHING
        if job_id == held.job_id:
            also = _result(held, made, replaced, touched_at, now)
            data = {"name": held.name}
            happened = [Event(type="item.finished", item_id=held.item_id, data=data)]
        rows[job_id] = move(tx, job_id, moved, now, happened, rules, also=also).row
    return True, None if leased is None else claimed(tx, leased, rows[leased.job_id])


def _result(
    held: Claim, made: Sequence[MadePart], replaced: Iterable[str], touched_at: float, now: float
) -> Change:
    """Return what a result adds to the rows of its item and of its files."""
    change = attempt_ended(held, "finished", now)
    gone = list(replaced)
    if gone:
        change += Change(statements=(_REPLACED,), given={"replaced_ids": gone})
    for index, row in enumerate(_rows(held, made)):
        given = {f"part{index}_{name}": value for name, value in row.items()}
        change += Change(statements=(_adding_part(index),), given=given)
    return change + settled((part.sha256 for part in made), touched_at)


@cache
def _adding_part(index: int) -> Insert:
    return insert(parts).values(
        {each.name: bindparam(f"part{index}_{each.name}") for each in parts.columns}
    )


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
    note_error(tx, held.job_id, failure)
    event = Event(
        type="item.failed",
        item_id=held.item_id,
        data={"name": held.name, "code": failure.code, "detail": failure.detail},
    )
    ended = attempt_ended(held, "failed", now, failure)
    move(tx, held.job_id, {(Status.RUNNING, Status.FAILED): 1}, now, [event], rules, also=ended)
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
    ended = attempt_ended(held, "cancelled", now)
    event = Event(type="item.cancelled", item_id=held.item_id, data={"name": held.name})
    move(tx, held.job_id, {(Status.RUNNING, Status.CANCELLED): 1}, now, [event], rules, also=ended)
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
