"""The books after the storm: what the database says, what the store holds, and whether they agree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from connector.jobs import filed
from connector.jobs.database import Database
from connector.jobs.tables import (
    attempts,
    cached_parts,
    clients,
    deliveries,
    delivery_attempts,
    events,
    files,
    items,
    jobs,
    parts,
    uploads,
)
from connector.storage.store import FileStore

STATES = ("queued", "running", "finished", "failed", "cancelled")


@dataclass(frozen=True)
class Books:
    """What an installation did."""

    items: Counter[str]
    """By status."""
    attempts: Counter[str]
    """By outcome; "" for one that has not ended."""
    deliveries: Counter[str]
    """By status."""
    delivery_attempts: int

    def __str__(self) -> str:
        return (
            f"items {dict(self.items)}, attempts {dict(self.attempts)}, "
            f"callbacks {dict(self.deliveries)} in {self.delivery_attempts} attempts"
        )


def books(database: Database) -> Books:
    """Count."""
    return database.read(
        lambda tx: Books(
            items=_counted(tx, items.c.status),
            attempts=_counted(tx, func.coalesce(attempts.c.outcome, "")),
            deliveries=_counted(tx, deliveries.c.status),
            delivery_attempts=tx.execute(
                select(func.count()).select_from(delivery_attempts)
            ).scalar_one(),
        )
    )


def ended(database: Database) -> int:
    """Return how many items have ended."""
    states = ("FINISHED", "FAILED", "CANCELLED")
    return int(
        database.read(
            lambda tx: tx.execute(
                select(func.count()).select_from(items).where(items.c.status.in_(states))
            ).scalar_one()
        )
    )


def faults(database: Database) -> list[str]:
    """Return what does not add up: items that ended not exactly once, jobs that miscount."""
    with database.reading() as tx:
        return [*_unequal_ends(tx), *_miscounts(tx)]


def _unequal_ends(tx: Connection) -> Iterable[str]:
    """Each item ended by one attempt and one event, and no attempt is left open."""
    finished = Counter(
        tx.execute(select(attempts.c.item_id).where(attempts.c.outcome == "finished")).scalars()
    )
    told = Counter(
        tx.execute(select(events.c.item_id).where(events.c.type == "item.finished")).scalars()
    )
    results = Counter(
        tx.execute(select(parts.c.item_id).where(parts.c.step == 0, parts.c.type == "BASE_PART"))
        .scalars()
        .all()
    )
    for row in tx.execute(select(items.c.id, items.c.status, items.c.attempt)):
        wanted = 1 if row.status == "FINISHED" else 0
        found = finished[row.id], told[row.id], results[row.id]
        if found != (wanted, wanted, wanted):
            yield f"item {row.id} is {row.status} with {found} ends, events, results"
    ended = Counter(tx.execute(select(attempts.c.item_id)).scalars())
    for row in tx.execute(select(items.c.id, items.c.status, items.c.attempt)):
        begun = row.attempt - (1 if row.status == "RUNNING" else 0)
        if ended[row.id] != begun:
            yield f"item {row.id} is {row.status}; of {begun} attempts {ended[row.id]} have ended"


def _miscounts(tx: Connection) -> Iterable[str]:
    real: dict[str, Counter[str]] = {}
    for row in tx.execute(
        select(items.c.job_id, items.c.status, func.count().label("number")).group_by(
            items.c.job_id, items.c.status
        )
    ):
        real.setdefault(row.job_id, Counter())[row.status.lower()] = row.number
    for job in tx.execute(select(jobs)):
        said = Counter({name: getattr(job, name) for name in STATES})
        if +said != real.get(job.id, Counter()) or said.total() != job.total:
            yield f"job {job.id} says {dict(said)} of {job.total}; there are {real.get(job.id)}"


def results(database: Database) -> dict[tuple[str, str], str]:
    """Return the SHA-256 of each item's result by (job id, item's name)."""
    found = (
        select(items.c.job_id, items.c.name, parts.c.sha256)
        .join(parts, parts.c.item_id == items.c.id)
        .where(parts.c.step == 0, parts.c.type == "BASE_PART")
    )
    return database.read(
        lambda tx: {(row.job_id, row.name): row.sha256 for row in tx.execute(found)}
    )


def sweep_as_later(database: Database, store: FileStore, now: float) -> int:
    """Sweep as it is done once every touch is old: what a killed worker stored and never told goes too."""
    later = now + filed.GRACE_SECONDS + 1
    total = 0
    while gone := database.write(lambda tx: filed.sweep(tx, store.delete, later)):
        total += gone
    store.remove_stale_staging(0)
    return total


def file_faults(database: Database, store: FileStore) -> list[str]:
    """Return files that nobody refers to, and references without their bytes; every hash is read."""
    stored = set(store.hashes())
    with database.reading() as tx:
        known = set(tx.execute(select(files.c.sha256)).scalars())
        referred: set[str] = set()
        for table in (parts, uploads, cached_parts):
            found = select(table.c.sha256).where(table.c.sha256.is_not(None))
            referred.update(tx.execute(found).scalars())
    for sha256 in sorted(referred & stored):
        store.read(sha256)  # raises where the bytes are others
    return [
        *(f"file {each} is stored and nobody knows it" for each in sorted(stored - known)),
        *(f"file {each} is stored and nobody refers to it" for each in sorted(stored - referred)),
        *(f"file {each} is referred to and not stored" for each in sorted(referred - stored)),
    ]


def secret(database: Database) -> str:
    """Return the secret that callbacks are signed with."""
    found = database.read(lambda tx: tx.execute(select(clients.c.webhook_secrets)).scalar_one())
    return str(found[0])


def _counted(tx: Connection, column: object) -> Counter[str]:
    rows = tx.execute(select(column, func.count()).group_by(column))  # type: ignore[call-overload]
    return Counter({str(value): int(number) for value, number in rows})
