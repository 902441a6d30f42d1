"""Short ways to make and look at jobs; the clock is a number."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from connector.jobs import claim as claims
from connector.jobs import create
from connector.jobs.database import Database
from connector.jobs.ids import new_id
from connector.jobs.model import Claim, NewItem, NewJob, NewPart, Rules, StepCall
from connector.jobs.tables import attempts, events, items, jobs

T = TypeVar("T")
RULES = Rules(lease_seconds=30, attempts_allowed=3, retention_seconds=3600)


class Bench:
    """One database, one hand-set clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 1_000.0

    def do(self, verb: Callable[..., T], *arguments: Any, **more: Any) -> T:
        """Run a verb that takes (tx, …, now, rules)."""
        return self.database.write(
            lambda tx: verb(tx, *arguments, self.now, RULES, **more),
        )

    def write(self, function: Callable[[Connection], T]) -> T:
        return self.database.write(function)

    def job(self, count: int = 1, client: str = "local", **fields: Any) -> str:
        """Create a job with items "0", "1", …; return its id."""
        self.write(lambda tx: create.ensure_client(tx, client, self.now))
        job = NewJob(id=new_id(), client_id=client, steps=(StepCall(step="stub"),), **fields)
        parts = (NewPart(url="https://example.org/a.png"),)
        its = [NewItem(name=str(index), parts=parts) for index in range(count)]
        self.do(create.create, job, its)
        return job.id

    def claim(self, worker: str = "w", queues: Sequence[str] = ("cpu",)) -> Claim | None:
        return self.do(claims.claim, queues, worker)

    def claimed(self, worker: str = "w") -> Claim:
        found = self.claim(worker)
        assert found is not None
        return found

    def job_row(self, job_id: str) -> Any:
        return self.database.read(
            lambda tx: tx.execute(select(jobs).where(jobs.c.id == job_id)).one()
        )

    def item_rows(self, job_id: str) -> list[Any]:
        query = select(items).where(items.c.job_id == job_id).order_by(items.c.ordinal)
        return list(self.database.read(lambda tx: tx.execute(query).all()))

    def event_types(self, job_id: str) -> list[str]:
        query = select(events.c.type).where(events.c.job_id == job_id).order_by(events.c.id)
        return list(self.database.read(lambda tx: tx.execute(query).scalars().all()))

    def outcomes(self, item_id: str) -> list[str | None]:
        query = (
            select(attempts.c.outcome)
            .where(attempts.c.item_id == item_id)
            .order_by(attempts.c.number)
        )
        return list(self.database.read(lambda tx: tx.execute(query).scalars().all()))
