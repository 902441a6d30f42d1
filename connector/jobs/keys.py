"""Secrets that every process of one installation shares, made at the first need."""

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from connector.jobs.tables import service_keys

BYTES = 32


def shared_key(tx: Connection, name: str) -> bytes:
    """Return the key of this name; two processes that make it at a time get the same."""
    found = select(service_keys.c.value).where(service_keys.c.name == name)
    value = tx.execute(found).scalar()
    if value is None:
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        row = insert(service_keys).values(name=name, value=secrets.token_hex(BYTES))
        tx.execute(row.on_conflict_do_nothing())
        value = tx.execute(found).scalar_one()
    return bytes.fromhex(value)
