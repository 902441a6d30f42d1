"""A worker's place with a clock set by hand, on both kinds of database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connector.jobs import create, filed
from connector.jobs.database import Database
from connector.jobs.ids import new_id
from connector.jobs.model import ClaimedPart, NewItem, NewJob, NewPart, StepCall
from connector.jobs.tables import files, parts
from connector.storage.store import FileStore
from connector.work.attempt import Noted, Workplace
from steps.contract import Context, Item
from steps.environment import Environment
from tests.connector.jobs.bench import RULES, Bench
from tests.connector.jobs.conftest import database, postgresql, sqlite
from tests.connector.work import steps

__all__ = ["database", "postgresql", "sqlite"]


@dataclass
class Shop:
    """A worker with its database and its files."""

    bench: Bench
    store: FileStore
    place: Workplace
    noted: list[Noted] = field(default_factory=list)
    fetched: dict[str, bytes] = field(default_factory=dict)

    def job(self, *chain: StepCall, content: bytes | None = b"source", **fields: Any) -> str:
        """Create a job of one item; its source is stored, or where it is None to be fetched."""
        bench = self.bench
        bench.write(lambda tx: create.ensure_client(tx, "local", bench.now))
        part = NewPart(url="https://example.org/a.png", filename="a.png")
        if content is not None:
            stored = self.store.put(content)
            known = filed.Filed(sha256=stored.sha256, size_bytes=stored.size)
            bench.write(lambda tx: filed.touch(tx, [known], bench.now))
            part = NewPart(sha256=stored.sha256, size_bytes=stored.size, filename="a.png")
        job = NewJob(
            id=new_id(),
            client_id="local",
            steps=chain or (StepCall(step="stub"),),
            trace_id="0123456789abcdef" * 2,
            **fields,
        )
        item = NewItem(name="photo", parts=(part,))
        bench.do(create.create, job, [item], touched_at=bench.now)
        return job.id

    def item(self, job_id: str) -> Any:
        return self.bench.item_rows(job_id)[0]

    def parts(self, job_id: str) -> list[Any]:
        item = self.item(job_id)
        query = select(parts).where(parts.c.item_id == item.id).order_by(parts.c.ordinal)
        return list(self.bench.database.read(lambda tx: tx.execute(query).all()))

    def known(self) -> set[str]:
        query = select(files.c.sha256)
        return set(self.bench.database.read(lambda tx: tx.execute(query).scalars().all()))

    def beat(self) -> None:
        """Renew the lease as the heart's thread does every second."""
        heart = self.place.heart
        held = heart._held
        assert held is not None
        heart._hear(held, heart._renew(held, heart._progress, heart._phase))


Act = Callable[[Callable[[Item, Context], None]], None]


@pytest.fixture
def act(monkeypatch: pytest.MonkeyPatch) -> Act:
    """Say what the stub step does."""

    def set_act(function: Callable[[Item, Context], None]) -> None:
        monkeypatch.setattr(steps.Stub, "act", staticmethod(function))

    return set_act


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    bench = Bench(database)
    store = FileStore.open(str(tmp_path / "files"), durable=False)
    fetched: dict[str, bytes] = {}

    def fetch(part: ClaimedPart, is_stopped: Callable[[], bool]) -> bytes:
        assert part.url is not None
        return fetched[part.url]

    noted: list[Noted] = []
    place = Workplace(
        database=database,
        files=store,
        registry=steps.registry(),
        environment=Environment(weights_dir=tmp_path),
        rules=RULES,
        worker_id="w1",
        queues=("cpu",),
        fetch=fetch,
        note=noted.append,
        now=lambda: bench.now,
        rest=lambda _: None,
    )
    return Shop(bench, store, place, noted, fetched)
