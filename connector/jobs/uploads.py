"""Files that callers sent ahead, and every way in which a caller can refer to a file of the service."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from connector.jobs.errors import JobNotFound, SpaceFull
from connector.jobs.tables import clients, items, parts, uploads

BATCH = 500
"""Ids per SELECT: every database takes so many."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that a caller sent ahead."""

    id: str
    client_id: str
    sha256: str
    size_bytes: int
    filename: str
    mime_type: str
    created_at: float
    expires_at: float


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file of the service that a caller may use as a part."""

    sha256: str
    size_bytes: int
    filename: str
    mime_type: str


def check_room(tx: Connection, client_id: str, size_bytes: int, max_bytes: int, now: float) -> None:
    """See that a client may store so many bytes more. Two uploads of the same moment may both pass.

    Args:
        tx: transaction.
        client_id: whose.
        size_bytes: of the new file.
        max_bytes: that a client may store, unless its own row says otherwise; 0: no limit.
        now: seconds since 1970.

    Raises:
        SpaceFull: it may not.
    """
    own = tx.execute(select(clients.c.max_stored_bytes).where(clients.c.id == client_id)).scalar()
    limit = max_bytes if own is None else int(own)
    if limit == 0:
        return
    its = select(func.coalesce(func.sum(uploads.c.size_bytes), 0)).where(
        uploads.c.client_id == client_id, uploads.c.expires_at > now
    )
    stored = int(tx.execute(its).scalar_one())
    if stored + size_bytes > limit:
        raise SpaceFull(
            f"uploads of this client take {stored:,} bytes; {size_bytes:,} more would exceed its "
            f"{limit:,}. Delete some, or wait: they expire"
        )


def add(tx: Connection, upload: Upload) -> None:
    """Write an upload's row; its file is stored and known (`filed.touch`)."""
    earlier = tx.execute(select(uploads.c.id).where(uploads.c.id == upload.id)).first()
    if earlier is None:  # else our own, of a commit whose answer was lost
        tx.execute(insert(uploads).values(vars(upload)))


def get(tx: Connection, client_id: str | None, upload_id: str, now: float) -> Upload:
    """Return an upload. client_id None: a signed link has shown that its bearer may have it.

    Raises:
        JobNotFound: the client has no such file (any more).
    """
    found = select(uploads).where(uploads.c.id == upload_id, uploads.c.expires_at > now)
    if client_id is not None:
        found = found.where(uploads.c.client_id == client_id)
    row = tx.execute(found).first()
    if row is None:
        raise JobNotFound(f"there is no file {upload_id}")
    return Upload(**row._mapping)


def remove(tx: Connection, client_id: str, upload_id: str) -> str:
    """Delete an upload; return its file's hash for `filed.sweep`. Items that use it keep it.

    Raises:
        JobNotFound: the client has no such file.
    """
    sha256 = tx.execute(
        delete(uploads)
        .where(uploads.c.id == upload_id, uploads.c.client_id == client_id)
        .returning(uploads.c.sha256)
    ).scalar()
    if sha256 is None:
        raise JobNotFound(f"there is no file {upload_id}")
    return str(sha256)


def known(
    tx: Connection, client_id: str, wanted: Collection[tuple[str, str]], now: float
) -> dict[tuple[str, str], KnownFile]:
    """Return the files behind references of a client; what it does not have is left out.

    Args:
        tx: transaction.
        client_id: whose.
        wanted: ("", id of an upload) or (id of a job, id of a part of it).
        now: seconds since 1970.
    """
    found: dict[tuple[str, str], KnownFile] = {}
    references = sorted(set(wanted))
    for start in range(0, len(references), BATCH):
        some = references[start : start + BATCH]
        sent = [id_ for job_id, id_ in some if not job_id]
        made = [id_ for job_id, id_ in some if job_id]
        for row in tx.execute(_uploads(client_id, sent, now)) if sent else ():
            found["", row.id] = _file(row)
        for row in tx.execute(_parts(client_id, made)) if made else ():
            found[row.job_id, row.id] = _file(row)
    return found


def _uploads(client_id: str, ids: list[str], now: float) -> Any:
    return select(uploads).where(
        uploads.c.client_id == client_id, uploads.c.expires_at > now, uploads.c.id.in_(ids)
    )


def _parts(client_id: str, ids: list[str]) -> Any:
    return (
        select(parts, items.c.job_id)
        .join(items, items.c.id == parts.c.item_id)
        .where(items.c.client_id == client_id, parts.c.id.in_(ids), parts.c.sha256.is_not(None))
    )


def _file(row: Any) -> KnownFile:
    return KnownFile(
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        filename=row.filename,
        mime_type=row.mime_type,
    )
