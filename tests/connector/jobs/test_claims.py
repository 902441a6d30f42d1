"""Who is next, and what a lease is worth."""

import threading
from concurrent.futures import ThreadPoolExecutor

from connector.jobs import attempts, cancel, finish, reap, tally
from connector.jobs.claim import renew
from connector.jobs.database import Database
from connector.jobs.model import Failure
from connector.jobs.states import Status
from connector.jobs.waiting import MOST_BELLS, bells_of_job, bells_unanswered
from tests.connector.jobs.bench import RULES, Bench


def test_the_oldest_item_of_the_highest_priority_is_next(database: Database) -> None:
    bench = Bench(database)
    low, high = bench.job(2, priority=0), bench.job(2, priority=5)
    order = [bench.claimed() for _ in range(4)]
    assert [(held.job_id, held.name) for held in order] == [
        (high, "0"),
        (high, "1"),
        (low, "0"),
        (low, "1"),
    ]
    assert bench.claim() is None


def test_a_client_with_a_thousand_items_does_not_keep_another_waiting(database: Database) -> None:
    bench = Bench(database)
    bench.job(50, "many")
    bench.job(3, "few")
    clients = []
    for _ in range(6):
        held = bench.claimed()
        clients.append(held.client_id)
        bench.now += 1
        assert bench.do(finish.finish, held, [], [])
    assert clients.count("few") == 3


def test_the_client_with_the_fewest_running_is_next(database: Database) -> None:
    bench = Bench(database)
    bench.job(10, "ann")
    first = [bench.claimed() for _ in range(3)]
    assert {held.client_id for held in first} == {"ann"}
    bench.job(10, "bob")
    later = [bench.claimed().client_id for _ in range(3)]
    assert later == ["bob"] * 3


def test_a_worker_takes_from_its_own_queues_only_the_first_one_first(database: Database) -> None:
    bench = Bench(database)
    bench.job(1, queue="gpu")
    bench.job(1, queue="cpu")
    assert bench.claim(queues=["other"]) is None
    first = bench.claim(queues=["cpu", "gpu"])
    second = bench.claim(queues=["cpu", "gpu"])
    assert first is not None
    assert second is not None
    assert (first.queue, second.queue) == ("cpu", "gpu")


def test_workers_that_claim_at_a_time_never_get_the_same_item(database: Database) -> None:
    bench = Bench(database)
    bench.job(60)
    start = threading.Barrier(4)

    def drain(worker: int) -> list[str]:
        start.wait()
        found = []
        while (held := bench.claim(f"w{worker}")) is not None:
            found.append(held.item_id)
        return found

    with ThreadPoolExecutor(4) as pool:
        claimed = [item for found in pool.map(drain, range(4)) for item in found]
    assert len(claimed) == len(set(claimed)) == 60


def test_a_lease_that_runs_out_gives_the_item_to_another(database: Database) -> None:
    bench = Bench(database)
    job = bench.job()
    slow = bench.claimed("slow")
    bench.now += RULES.lease_seconds - 1
    assert bench.do(renew, slow).held
    bench.now += RULES.lease_seconds + 1
    assert bench.do(reap.reap).returned == 1
    quick = bench.claimed("quick")
    assert (quick.item_id, quick.attempt) == (slow.item_id, 2)
    assert not bench.do(renew, slow).held
    assert not bench.do(finish.finish, slow, [], [])
    assert bench.do(finish.finish, quick, [], [])
    assert bench.outcomes(quick.item_id) == ["lost", "finished"]
    assert bench.write(lambda tx: tally.value(tx, tally.LEASES_LOST)) == 1
    assert bench.job_row(job).status == Status.FINISHED


def test_an_item_that_kills_every_worker_fails_after_its_attempts_and_harms_no_other(
    database: Database,
) -> None:
    bench = Bench(database)
    job = bench.job(2)
    poison = bench.claimed()
    other = bench.claimed()
    assert bench.do(finish.finish, other, [], [])
    for number in range(RULES.attempts_allowed):
        assert poison.attempt == number + 1
        bench.now += RULES.lease_seconds + 1
        bench.do(reap.reap)
        if number + 1 < RULES.attempts_allowed:
            poison = bench.claimed()
    assert bench.claim() is None
    failed, fine = bench.item_rows(job)
    assert (failed.status, failed.error_code) == (Status.FAILED, "worker-lost")
    assert fine.status == Status.FINISHED
    row = bench.job_row(job)
    assert (row.status, row.error_code) == (Status.FAILED, "worker-lost")
    assert bench.event_types(job)[-2:] == ["item.failed", "job.failed"]


def test_a_failure_that_may_pass_is_tried_again_then_told(database: Database) -> None:
    bench = Bench(database)
    job = bench.job()
    passing = Failure(code="storage-unavailable", detail="the bucket is away")
    for _ in range(RULES.attempts_allowed):
        assert bench.do(finish.try_again, bench.claimed(), passing)
    (item,) = bench.item_rows(job)
    assert (item.status, item.error_code) == (Status.FAILED, "storage-unavailable")


def test_an_item_that_is_handed_back_has_all_its_attempts_left(database: Database) -> None:
    bench = Bench(database)
    job = bench.job()
    for _ in range(5):
        assert bench.do(attempts.give_back, bench.claimed())
    (item,) = bench.item_rows(job)
    assert item.attempts_allowed - item.attempt == RULES.attempts_allowed
    assert bench.job_row(job).status == Status.QUEUED


def test_a_word_said_twice_counts_once_and_is_answered_the_same(database: Database) -> None:
    """The commit was kept, its answer was lost, and the worker says it again."""
    bench = Bench(database)
    job = bench.job(3)
    done, failed, back = bench.claimed(), bench.claimed(), bench.claimed()
    for _ in range(2):
        assert bench.do(finish.finish, done, [], [])
        assert bench.do(finish.fail, failed, Failure(code="step-failed", detail="no"))
        assert bench.do(attempts.give_back, back)
    row = bench.job_row(job)
    assert (row.finished, row.failed, row.queued) == (1, 1, 1)


def test_a_cancelled_job_ends_what_waits_and_asks_what_runs(database: Database) -> None:
    bench = Bench(database)
    job = bench.job(4)
    running = bench.claimed()
    lost = bench.claimed()
    assert bench.do(cancel.cancel, "local", job) == "requested"
    assert bench.claim() is None
    assert bench.do(renew, running).cancel
    assert bench.do(finish.stop, running)
    bench.now += RULES.lease_seconds + 1
    bench.do(reap.reap)  # the other one's worker died: it does not come back
    assert [item.status for item in bench.item_rows(job)] == [Status.CANCELLED] * 4
    assert bench.job_row(job).status == Status.CANCELLED
    assert not bench.do(finish.finish, lost, [], [])
    assert bench.do(cancel.cancel, "local", job) == "done"


def test_a_deadline_ends_what_waits_and_is_told_to_what_runs(database: Database) -> None:
    bench = Bench(database)
    job = bench.job(2, deadline_seconds=10.0)
    running = bench.claimed()
    bench.now += 11
    assert bench.do(reap.reap).late == 1
    assert bench.do(renew, running).late
    assert [i.error_code for i in bench.item_rows(job)] == [None, "deadline-exceeded"]


def test_progress_is_told_once_per_change(database: Database) -> None:
    bench = Bench(database)
    job = bench.job()
    held = bench.claimed()
    for progress in (0.25, 0.25, 0.5):
        bench.do(renew, held, progress=progress, phase="filling")
    assert bench.event_types(job).count("item.progress") == 2


def test_bells_are_few_and_rung_again_when_nobody_answers(database: Database) -> None:
    bench = Bench(database)
    job = bench.job(100)
    first = bench.write(lambda tx: bells_of_job(tx, job, bench.now))
    assert len(first) == MOST_BELLS
    for bell in first:
        assert (bell.queue, bell.priority) == ("cpu", 0)
    bench.now += 4
    unrung = bench.write(lambda tx: bells_unanswered(tx, bench.now, 5.0))
    assert not {bell.item_id for bell in unrung} & {bell.item_id for bell in first}
    bench.now += 6
    again = bench.write(lambda tx: bells_unanswered(tx, bench.now, 5.0))
    assert {bell.item_id for bell in again} == {bell.item_id for bell in first}
