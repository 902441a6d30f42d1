"""The state machine under every interleaving that chance can think of."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from connector.jobs import attempts, cancel, finish, reap, retry
from connector.jobs.claim import renew
from connector.jobs.database import Database
from connector.jobs.errors import TooLate
from connector.jobs.model import Claim, Failure
from connector.jobs.states import AFTER, TERMINAL, Status, job_status
from tests.connector.jobs.bench import Bench
from tests.connector.jobs.conftest import empty

FAILURE = Failure(code="step-failed", detail="it broke")
PASSING = Failure(code="storage-unavailable", detail="away")
COUNTED = {
    Status.QUEUED: "queued",
    Status.RUNNING: "running",
    Status.FINISHED: "finished",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


def machine(database: Database) -> type[RuleBasedStateMachine]:
    class Jobs(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            empty(database)
            self.bench = Bench(database)
            self.jobs = [
                self.bench.job(2, "ann"),
                self.bench.job(3, "bob", priority=1, deadline_seconds=100.0),
            ]
            self.claims: list[Claim] = []
            self.last: dict[str, Status] = {}
            self.allowed: set[tuple[str, Status]] = set()

        @rule(worker=st.sampled_from("abc"))
        def claim(self, worker: str) -> None:
            self._keep(self.bench.claim(worker))

        def _keep(self, found: Claim | None) -> None:
            if found is not None:
                assert all(
                    (c.item_id, c.attempt) != (found.item_id, found.attempt) for c in self.claims
                )
                self.claims.append(found)

        @rule(data=st.data())
        def finish(self, data: st.DataObject) -> None:
            if self.claims:
                held = data.draw(st.sampled_from(self.claims))
                before = self._status(held)
                counted = self.bench.do(finish.finish, held, [], [])
                self._check(held, before, counted, Status.FINISHED)

        @rule(data=st.data())
        def finish_and_go_on(self, data: st.DataObject) -> None:
            if self.claims:
                held = data.draw(st.sampled_from(self.claims))
                before = self._status(held)
                counted, claimed = self.bench.do(finish.finish_and_claim, held, [], [], ["cpu"])
                self._keep(claimed)
                if claimed is None or claimed.item_id != held.item_id:
                    self._check(held, before, counted, Status.FINISHED)

        @rule(data=st.data())
        def fail(self, data: st.DataObject) -> None:
            if self.claims:
                held = data.draw(st.sampled_from(self.claims))
                before = self._status(held)
                counted = self.bench.do(finish.fail, held, FAILURE)
                self._check(held, before, counted, Status.FAILED)

        @rule(data=st.data())
        def fail_for_now(self, data: st.DataObject) -> None:
            if self.claims:
                self.bench.do(finish.try_again, data.draw(st.sampled_from(self.claims)), PASSING)

        @rule(data=st.data())
        def hand_back(self, data: st.DataObject) -> None:
            if self.claims:
                self.bench.do(attempts.give_back, data.draw(st.sampled_from(self.claims)))

        @rule(data=st.data())
        def stop(self, data: st.DataObject) -> None:
            if self.claims:
                held = data.draw(st.sampled_from(self.claims))
                said = self.bench.do(renew, held, progress=0.5, phase="half")
                if said.cancel:
                    assert self.bench.do(finish.stop, held)

        @rule(data=st.data())
        def cancel(self, data: st.DataObject) -> None:
            job_id = data.draw(st.sampled_from(self.jobs))
            client = self.bench.job_row(job_id).client_id
            try:
                self.bench.do(cancel.cancel, client, job_id)
            except TooLate:
                assert self.bench.job_row(job_id).status in TERMINAL

        @rule(data=st.data())
        def retry(self, data: st.DataObject) -> None:
            job_id = data.draw(st.sampled_from(self.jobs))
            row = self.bench.job_row(job_id)
            failed = {(i.id, Status.FAILED) for i in self.bench.item_rows(job_id)}
            try:
                if self.bench.do(retry.retry, row.client_id, job_id):
                    self.allowed = failed
            except TooLate:
                assert row.failed == 0 or row.cancel_requested

        @rule(seconds=st.sampled_from([1.0, 31.0, 101.0]))
        def time_passes(self, seconds: float) -> None:
            self.bench.now += seconds
            self.bench.do(reap.reap)

        def _status(self, held: Claim) -> tuple[Status, int]:
            (row,) = [i for i in self.bench.item_rows(held.job_id) if i.id == held.item_id]
            return Status(row.status), int(row.attempt)

        def _check(
            self, held: Claim, before: tuple[Status, int], counted: bool, after: Status
        ) -> None:
            if before == (Status.RUNNING, held.attempt):
                assert counted
                assert self._status(held) == (after, held.attempt)
            else:
                # Too late, or our own word said twice: either way nothing changes.
                assert self._status(held) == before

        @invariant()
        def counts_add_up(self) -> None:
            for job_id in self.jobs:
                row = self.bench.job_row(job_id)
                found = Counter(Status(item.status) for item in self.bench.item_rows(job_id))
                assert {s: getattr(row, name) for s, name in COUNTED.items()} == {
                    s: found[s] for s in Status
                }
                assert row.total == sum(found.values())
                assert row.status == job_status({s: found[s] for s in Status})
                assert (row.finished_at is not None) == (row.status in TERMINAL)

        @invariant()
        def states_follow_the_table(self) -> None:
            for job_id in self.jobs:
                for item in self.bench.item_rows(job_id):
                    before = self.last.get(item.id, Status.QUEUED)
                    after = Status(item.status)
                    if before in TERMINAL and before != after:
                        assert (item.id, before) in self.allowed, f"{before} became {after}"
                        assert after in AFTER[before]
                    self.last[item.id] = after
            self.allowed = set()

        @invariant()
        def every_attempt_but_the_one_at_work_has_ended(self) -> None:
            for job_id in self.jobs:
                for item in self.bench.item_rows(job_id):
                    outcomes = self.bench.outcomes(item.id)
                    at_work = 1 if item.status == Status.RUNNING else 0
                    assert len(outcomes) == item.attempt - at_work
                    assert None not in outcomes
                    assert outcomes.count("finished") == (
                        1 if item.status == Status.FINISHED else 0
                    )
                    assert item.attempt <= item.attempts_allowed

    return Jobs


@pytest.mark.parametrize(
    ("kind", "examples"), [("sqlite", 40), pytest.param("postgresql", 20, marks=pytest.mark.slow)]
)
def test_no_interleaving_breaks_the_state_machine(
    kind: str, examples: int, request: pytest.FixtureRequest
) -> None:
    database: Any = request.getfixturevalue(kind)
    run_state_machine_as_test(
        machine(database),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
