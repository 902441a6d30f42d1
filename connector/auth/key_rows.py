"""API keys as rows: made, listed, replaced, revoked. What is stored opens nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from connector.auth.keys import NewKey, digest, new_key
from connector.auth.scopes import Scope
from connector.jobs.create import ensure_client
from connector.jobs.errors import JobError
from connector.jobs.tables import api_keys, clients

USED_SECONDS = 600.0
"""How exact `used_at` is: a write for each request would cost more than the request."""


class KeyNotFound(JobError):
    """There is no such key."""

    code = "not-found"


class KeyOver(JobError):
    """The key has expired or was revoked."""

    code = "conflict"


@dataclass(frozen=True, kw_only=True)
class KeyRow:
    """A key as it is known; times in seconds since 1970."""

    id: str
    client_id: str
    name: str
    digest: str = field(repr=False)
    scopes: frozenset[Scope]
    created_at: float
    expires_at: float | None
    used_at: float | None
    revoked_at: float | None
    requests_per_minute: int | None
    """Of its client; None: the service's own limit."""

    def state(self, now: float) -> Literal["active", "expired", "revoked"]:
        """Say whether it opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


_ROWS = select(api_keys, clients.c.requests_per_minute).join(
    clients, clients.c.id == api_keys.c.client_id
)


def create(
    tx: Connection,
    client_id: str,
    scopes: frozenset[Scope],
    now: float,
    *,
    seconds: float | None = None,
    name: str = "",
) -> NewKey:
    """Make a key of a client, and the client where it is new; the only time that its text is known.

    Args:
        tx: transaction; each run of it makes another key.
        client_id: whose.
        scopes: what it may do.
        now: seconds since 1970.
        seconds: how long it is valid; None: until it is revoked.
        name: the operator's note.
    """
    ensure_client(tx, client_id, now)
    made = new_key()
    tx.execute(
        insert(api_keys).values(
            id=made.id,
            client_id=client_id,
            name=name,
            digest=digest(made.text),
            scopes=sorted(scopes),
            created_at=now,
            expires_at=None if seconds is None else now + seconds,
        )
    )
    return made


def get(tx: Connection, key_id: str) -> KeyRow | None:
    """Return a key; None where there is none."""
    row = tx.execute(_ROWS.where(api_keys.c.id == key_id)).first()
    return None if row is None else _row(row._mapping)


def every(tx: Connection, client_id: str | None = None) -> list[KeyRow]:
    """Return the keys of a client (None: of every client), oldest first."""
    wanted = _ROWS if client_id is None else _ROWS.where(api_keys.c.client_id == client_id)
    rows = tx.execute(wanted.order_by(api_keys.c.created_at, api_keys.c.id))
    return [_row(row._mapping) for row in rows]


def rotate(tx: Connection, key_id: str, now: float, overlap_seconds: float) -> NewKey:
    """Make a key that takes the place of another, which stays valid for the overlap and no longer.

    Raises:
        KeyNotFound: there is none.
        KeyOver: it opens nothing any more, so that nothing is to be replaced.
    """
    old = _existing(tx, key_id)
    if old.state(now) != "active":
        raise KeyOver(
            f"key {key_id} is {old.state(now)}; make a new one with `retusche keys create`"
        )
    lasts = None if old.expires_at is None else old.expires_at - old.created_at
    made = create(tx, old.client_id, old.scopes, now, seconds=lasts, name=old.name)
    end = now + overlap_seconds
    if old.expires_at is not None:
        end = min(end, old.expires_at)
    tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(expires_at=end))
    return made


def revoke(tx: Connection, key_id: str, now: float) -> None:
    """End a key for good; twice is harmless.

    Raises:
        KeyNotFound: there is none.
    """
    if _existing(tx, key_id).revoked_at is None:
        tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(revoked_at=now))


def used(tx: Connection, key_id: str, now: float) -> None:
    """Note that a key was used."""
    tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(used_at=now))


def _existing(tx: Connection, key_id: str) -> KeyRow:
    found = get(tx, key_id)
    if found is None:
        raise KeyNotFound(f"there is no key {key_id}; `retusche keys list` shows them")
    return found


def _row(values: Mapping[Any, Any]) -> KeyRow:
    # A scope of a later version is left out: a program grants nothing that it does not know.
    scopes = frozenset(Scope(name) for name in values["scopes"] if name in set(Scope))
    return KeyRow(**{**values, "scopes": scopes})
