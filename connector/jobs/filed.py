"""Which files there are: a row comes before its bytes and goes after them, so no bytes are ever unknown.

A file is touched before its bytes are written, and settled in the transaction that first refers to it.
What is settled and referred to by nothing goes at once; what is touched and never settled (its writer
died) goes when it is `GRACE_SECONDS` old.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from connector.jobs.tables import cached_parts, files, parts, uploads
from connector.jobs.together import NOTHING, Change

GRACE_SECONDS = 3600.0
"""Longer than any upload or step takes between touching a file and referring to it."""
BATCH = 200
"""Files deleted in one transaction."""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A file as the database knows it."""

    sha256: str
    size_bytes: int


@cache
def _touching(dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    row = insert(files)
    return row.on_conflict_do_update(
        index_elements=["sha256"], set_={"touched_at": row.excluded.touched_at}
    )


_SETTLE = (
    update(files)
    .where(
        files.c.sha256.in_(bindparam("settled_hashes", expanding=True)),
        files.c.touched_at == bindparam("settled_at"),
    )
    .values(touched_at=0.0)
)


def touch(tx: Connection, wanted: Iterable[Filed], now: float) -> None:
    """Make files known before their bytes are written, and keep them from being swept meanwhile."""
    # Sorted: two transactions that touch the same files lock them in the same order.
    rows = [
        {"sha256": file.sha256, "size_bytes": file.size_bytes, "touched_at": now}
        for file in sorted(set(wanted), key=lambda each: each.sha256)
    ]
    if rows:
        tx.execute(_touching(tx.dialect.name), rows)


def settle(tx: Connection, hashes: Iterable[str], touched_at: float) -> None:
    """Say that files are referred to now. `touched_at` is the time of one's own touch; a later one stands."""
    change = settled(hashes, touched_at)
    for each in change.statements:
        tx.execute(each, dict(change.given))


def settled(hashes: Iterable[str], touched_at: float) -> Change:
    """Return what `settle` does, to be done beside other changes."""
    wanted = sorted(set(hashes))
    if not wanted:
        return NOTHING
    return Change(statements=(_SETTLE,), given={"settled_hashes": wanted, "settled_at": touched_at})


def sweep(
    tx: Connection,
    remove: Callable[[str], None],
    now: float,
    *,
    among: Sequence[str] | None = None,
) -> int:
    """Delete up to `BATCH` files that nothing refers to.

    The bytes go before the commit, while the rows are locked: whoever writes the same content again
    waits for it, and then writes the bytes anew.

    Args:
        tx: transaction.
        remove: deletes the bytes of a hash; must not fail when they are gone already.
        now: seconds since 1970.
        among: only these; None: any.

    Returns:
        How many were deleted; `BATCH` means that there may be more.
    """
    unused = _unused(now)
    if among is not None:
        unused = unused.where(files.c.sha256.in_(list(among)[:BATCH]))
    gone = tx.execute(
        delete(files).where(files.c.sha256.in_(unused)).returning(files.c.sha256)
    ).scalars()
    count = 0
    for sha256 in list(gone):
        remove(sha256)
        count += 1
    return count


def _unused(now: float) -> Select[tuple[str]]:
    referred = (
        exists().where(table.c.sha256 == files.c.sha256) for table in (parts, uploads, cached_parts)
    )
    return (
        select(files.c.sha256)
        .where(or_(files.c.touched_at == 0.0, files.c.touched_at < now - GRACE_SECONDS))
        .where(*(~each for each in referred))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
