"""What one client may do, where that differs from the service's own settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from connector.jobs.create import ensure_client
from connector.jobs.errors import JobError
from connector.jobs.tables import clients

Limit = Literal["requests_per_minute", "max_queued", "max_stored_bytes"]


class ClientNotFound(JobError):
    """There is no such client."""

    code = "not-found"


@dataclass(frozen=True, kw_only=True)
class ClientRow:
    """A client; a limit that is None is the service's own."""

    id: str
    created_at: float
    requests_per_minute: int | None
    """0: no limit."""
    max_queued: int | None
    """Items that may wait."""
    max_stored_bytes: int | None
    """Of uploads; 0: no limit."""


_ROWS = select(
    clients.c.id,
    clients.c.created_at,
    clients.c.requests_per_minute,
    clients.c.max_queued,
    clients.c.max_stored_bytes,
)


def every(tx: Connection) -> list[ClientRow]:
    """Return every client, by name."""
    return [_row(row) for row in tx.execute(_ROWS.order_by(clients.c.id))]


def set_limits(
    tx: Connection, client_id: str, limits: Mapping[Limit, int | None], now: float
) -> ClientRow:
    """Change some limits of a client, who may be yet to come; None gives the service's own back."""
    ensure_client(tx, client_id, now)
    if limits:
        tx.execute(update(clients).where(clients.c.id == client_id).values(dict(limits)))
    return _row(tx.execute(_ROWS.where(clients.c.id == client_id)).one())


def existing(tx: Connection, client_id: str) -> None:
    """See that there is such a client.

    Raises:
        ClientNotFound: there is none.
    """
    if tx.execute(select(clients.c.id).where(clients.c.id == client_id)).first() is None:
        raise ClientNotFound(f"there is no client {client_id}; `retusche clients list` shows them")


def _row(row: Any) -> ClientRow:
    return ClientRow(
        id=row.id,
        created_at=row.created_at,
        requests_per_minute=row.requests_per_minute,
        max_queued=row.max_queued,
        max_stored_bytes=row.max_stored_bytes,
    )
