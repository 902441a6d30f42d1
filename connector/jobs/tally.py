"""Counting what no living process can count, since its process died."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from connector.jobs.tables import tallies

LEASES_LOST = "leases-lost"
"""Attempts whose worker said nothing any more."""


def add(tx: Connection, name: str, count: int) -> None:
    """Count up; nothing is written for 0."""
    if not count:
        return
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(tallies).values(name=name, value=count)
    more = {"value": tallies.c.value + row.excluded.value}
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_=more))


def value(tx: Connection, name: str) -> int:
    """Return what was counted since the installation was made."""
    return int(tx.execute(select(tallies.c.value).where(tallies.c.name == name)).scalar() or 0)
