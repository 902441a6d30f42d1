"""What a worker counts, and its row."""

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from connector.jobs.database import Database
from connector.jobs.tables import workers
from connector.queue.figures import BUCKETS, Counters, Figures
from connector.queue.presence import Presence
from connector.work.attempt import Noted


def report(step: str, seconds: float, *backends: str) -> dict[str, object]:
    return {
        "step": step,
        "timings": {"total": seconds},
        "backends": [{"name": name} for name in backends],
    }


def test_attempts_and_seconds_are_counted() -> None:
    counters = Counters()
    counters.note(Noted(outcome="finished", seconds=1, reports=[report("a", 0.02, "x", "y")]))
    counters.note(Noted(outcome="finished", seconds=1, reports=[report("a", 1000, "x", "y")]))
    counters.note(Noted(outcome="finished", seconds=1, reports=[report("b", 0.01)]))
    counters.note(Noted(outcome="lost", seconds=1))
    found = counters.figures()
    assert found.attempts == {"finished": 3, "lost": 1}
    assert found.rss_bytes > 1_000_000
    by_key = {(each.step, each.backend): each for each in found.step_seconds}
    a = by_key["a", "x+y"]
    assert (sum(a.counts), a.counts[1], a.counts[-1]) == (2, 1, 1)
    assert a.sum == pytest.approx(1000.02)
    assert by_key["b", ""].counts[0] == 1  # a bound belongs to its bucket
    assert len(a.counts) == len(BUCKETS) + 1


def test_a_step_that_was_skipped_took_no_time() -> None:
    counters = Counters()
    counters.note(Noted(outcome="finished", seconds=1, reports=[{"step": "a", "skipped": True}]))
    assert counters.figures().step_seconds == ()


def test_figures_travel_as_json_and_a_newer_worker_is_understood() -> None:
    counters = Counters()
    counters.note(Noted(outcome="finished", seconds=1, reports=[report("a", 0.02)]))
    found = counters.figures()
    assert Figures.from_json(found.to_json()) == found
    assert Figures.from_json(found.to_json() | {"later": 1}) == found
    assert Figures.from_json({}) == Figures()
    with pytest.raises(ValidationError):
        Figures.from_json({"attempts": 5})


def test_a_worker_shows_itself(database: Database) -> None:
    now = 1000.0
    presence = Presence(database, "w1", ("gpu", "cpu"), Counters(), lambda: now)

    def row() -> tuple[bool, float, list[str]]:
        found = database.read(lambda tx: tx.execute(select(workers)).one())
        assert (found.id, found.queues, found.started_at) == ("w1", ["gpu", "cpu"], 1000.0)
        assert Figures.from_json(found.metrics).rss_bytes > 0
        return found.ready, found.seen_at, found.faults

    presence.beat()
    assert row() == (False, 1000.0, [])
    now = 1001.0
    presence.beat()
    assert row() == (False, 1000.0, [])  # written every other second
    presence.ready(["anonymize: damaged"])
    assert row() == (True, 1001.0, ["anonymize: damaged"])
    now = 1003.0
    presence.beat()
    assert row() == (True, 1003.0, ["anonymize: damaged"])
    presence.leave()
    assert row()[0] is False
