"""Several changes as one: PostgreSQL takes them in a single statement, SQLite one after the other.

A round trip costs a worker more than the change that it asks for. PostgreSQL makes changes of one `WITH` in an
order of its own, so only those may stand together that need nothing of each other, and change different rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Update, select
from sqlalchemy.sql.dml import UpdateBase


@dataclass(frozen=True, kw_only=True)
class Change:
    """Statements, and the values of their parameters; no two have a parameter of the same name."""

    statements: tuple[UpdateBase, ...] = ()
    """Each made once and kept, for they are told apart by identity."""
    given: Mapping[str, object] = field(default_factory=dict)

    def __add__(self, other: "Change") -> "Change":
        """Return both."""
        return Change(
            statements=self.statements + other.statements, given={**self.given, **other.given}
        )


NOTHING = Change()


def together(tx: Connection, first: Update, given: Mapping[str, object], also: Change) -> Any:
    """Make changes; return the one row that the first of them returns."""
    if also.statements and tx.dialect.name == "postgresql":
        return tx.execute(_as_one(first, also.statements), {**given, **also.given}).one()
    for each in also.statements:
        tx.execute(each, dict(also.given))
    return tx.execute(first, dict(given)).one()


@cache
def _as_one(first: Update, others: tuple[UpdateBase, ...]) -> Select[Any]:
    beside = (each.cte(f"change_{number}") for number, each in enumerate(others))
    return select(first.cte("first_change")).add_cte(*beside)
