"""One item from its claim to its end, whatever comes between."""

import logging

import pytest
from sqlalchemy import update

from connector.jobs import cancel, reap
from connector.jobs.errors import DatabaseUnavailable
from connector.jobs.model import StepCall
from connector.jobs.states import Status
from connector.jobs.tables import items
from connector.storage.errors import StorageError
from connector.work import attempt
from steps import errors
from steps.contract import Context, Item
from tests.connector.work.conftest import Act, Shop


def test_an_item_is_worked_on_and_its_result_stored(shop: Shop) -> None:
    job_id = shop.job(StepCall(step="stub", parameters={"text": "hello"}))
    shop.place.serve_one()
    row = shop.bench.job_row(job_id)
    assert (row.status, row.finished) == (Status.FINISHED, 1)
    source, result = shop.parts(job_id)
    assert (source.type, result.type, result.source_part_id) == ("META", "BASE_PART", source.id)
    assert shop.store.read(result.sha256) == b"hello"
    report = shop.item(job_id).reports[0]
    assert (report["step"], report["version"]) == ("stub", "2.0.0")
    assert [noted.outcome for noted in shop.noted] == ["finished"]
    assert shop.bench.event_types(job_id) == [
        "job.queued",
        "job.running",
        "item.finished",
        "job.finished",
    ]


def test_nothing_waits(shop: Shop) -> None:
    assert not shop.place.serve_one()


def test_a_part_by_its_url_is_fetched(shop: Shop, act: Act) -> None:
    seen = []
    act(lambda item, _: seen.append(item.parts[0].content))
    shop.fetched["https://example.org/a.png"] = b"from afar"
    shop.job(content=None)
    shop.place.serve_one()
    assert seen == [b"from afar"]


def test_a_steps_error_ends_the_item_with_its_fields(shop: Shop, act: Act) -> None:
    def fail(item: Item, context: Context) -> None:
        raise errors.ImageUndecodable("no picture", pointer="a.png")

    act(fail)
    job_id = shop.job()
    shop.place.serve_one()
    item = shop.item(job_id)
    assert (item.status, item.error_code) == (Status.FAILED, "image-undecodable")
    assert (item.error_detail, item.error_pointer) == ("no picture", "a.png")
    assert shop.bench.job_row(job_id).error_code == "image-undecodable"


def test_every_fault_of_the_parameters_is_kept(shop: Shop) -> None:
    job_id = shop.job(StepCall(step="stub", parameters={"text": 5, "odd": 1}))
    shop.place.serve_one()
    item = shop.item(job_id)
    assert item.error_code == "parameters-invalid"
    assert {pointer for pointer, _ in item.error_fields} == {"/text", "/odd"}


def test_a_bug_in_a_step_is_a_failure_and_logged(
    shop: Shop, act: Act, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(item: Item, context: Context) -> None:
        raise RuntimeError("a bug")

    act(stumble)
    job_id = shop.job()
    with caplog.at_level(logging.ERROR):
        shop.place.serve_one()
    assert shop.item(job_id).error_code == "step-failed"
    assert any("a bug" in (record.exc_text or "") for record in caplog.records)


def test_a_bug_of_ours_is_a_failure_that_names_the_trace_and_nothing_else(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(content: bytes) -> None:
        raise RuntimeError("secret inside")

    job_id = shop.job()
    monkeypatch.setattr(shop.store, "put", stumble)
    shop.place.serve_one()
    item = shop.item(job_id)
    assert item.error_code == "step-failed"
    assert "0123456789abcdef" in item.error_detail
    assert "secret inside" not in item.error_detail


def test_a_step_that_is_not_installed_here(shop: Shop) -> None:
    job_id = shop.job(StepCall(step="unknown"))
    shop.place.serve_one()
    assert shop.item(job_id).error_code == "step-unknown"


def test_memory_that_ran_out_may_pass_three_times(shop: Shop, act: Act) -> None:
    def fail(item: Item, context: Context) -> None:
        raise errors.OutOfMemory("no memory")

    act(fail)
    job_id = shop.job()
    for _ in range(2):
        shop.place.serve_one()
        assert shop.item(job_id).status == Status.QUEUED
    shop.place.serve_one()
    item = shop.item(job_id)
    assert (item.status, item.error_code, item.attempt) == (Status.FAILED, "out-of-memory", 3)
    assert shop.bench.outcomes(item.id) == ["failed"] * 3


def test_a_storage_that_fails_is_tried_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(content: bytes) -> None:
        raise StorageError("no space left")

    job_id = shop.job()
    with monkeypatch.context() as patched:
        patched.setattr(shop.store, "put", full)
        shop.place.serve_one()
    assert shop.item(job_id).status == Status.QUEUED
    shop.place.serve_one()
    assert shop.item(job_id).status == Status.FINISHED


def test_a_worker_rests_while_the_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(content: bytes) -> None:
        raise StorageError("no space left")

    rests: list[float] = []
    shop.place.rest = rests.append
    shop.job()
    with monkeypatch.context() as patched:
        patched.setattr(shop.store, "put", full)
        shop.place.serve_one()
        shop.place.serve_one()
    shop.place.serve_one()
    assert rests == [1, 2]
    shop.job()
    with monkeypatch.context() as patched:
        patched.setattr(shop.store, "put", full)
        shop.place.serve_one()
    assert rests == [1, 2, 1], "a success ends the series"


def test_a_cancelled_job_stops_the_running_step(shop: Shop, act: Act) -> None:
    def cancelled_meanwhile(item: Item, context: Context) -> None:
        shop.bench.do(cancel.cancel, "local", job_id)
        shop.beat()
        context.check_cancelled()

    act(cancelled_meanwhile)
    job_id = shop.job()
    shop.place.serve_one()
    assert shop.item(job_id).status == Status.CANCELLED
    assert shop.noted[0].outcome == "cancelled"


def test_a_passed_deadline_stops_the_running_step(shop: Shop, act: Act) -> None:
    def too_slow(item: Item, context: Context) -> None:
        shop.bench.now += 11
        shop.beat()
        context.check_cancelled()

    act(too_slow)
    job_id = shop.job(deadline_seconds=10)
    shop.place.serve_one()
    item = shop.item(job_id)
    assert (item.status, item.error_code) == (Status.FAILED, "deadline-exceeded")


def test_an_ending_worker_hands_the_item_back_without_counting_it(shop: Shop, act: Act) -> None:
    def told_to_end(item: Item, context: Context) -> None:
        shop.place.end()
        context.check_cancelled()

    act(told_to_end)
    job_id = shop.job()
    shop.place.serve_one()
    item = shop.item(job_id)
    assert (item.status, item.attempts_allowed - item.attempt) == (Status.QUEUED, 3)
    assert not shop.place.serve_one()


def test_an_end_just_after_the_claim_counts_too(shop: Shop, act: Act) -> None:
    act(lambda _, context: context.check_cancelled())
    job_id = shop.job()
    held = shop.bench.claimed("w1")
    shop.place.end()
    attempt._Attempt(shop.place, held).run()
    assert shop.item(job_id).status == Status.QUEUED


def test_a_result_that_comes_too_late_changes_nothing_and_leaves_no_file(
    shop: Shop, act: Act
) -> None:
    before: set[str] = set()

    def lose_the_lease(item: Item, context: Context) -> None:
        before.update(shop.known())
        shop.bench.now += 31
        assert shop.bench.do(reap.reap).returned == 1

    act(lose_the_lease)
    job_id = shop.job(StepCall(step="stub", parameters={"text": "late"}))
    shop.place.serve_one()
    item = shop.item(job_id)
    assert (item.status, item.attempt) == (Status.QUEUED, 1)
    assert shop.noted[0].outcome == "lost"
    assert shop.known() == before
    assert set(shop.store.hashes()) == before


def test_a_lost_lease_stops_the_step(shop: Shop, act: Act) -> None:
    def lose_the_lease(item: Item, context: Context) -> None:
        shop.bench.write(lambda tx: tx.execute(update(items).values(attempt=7)))
        shop.beat()
        context.check_cancelled()

    act(lose_the_lease)
    shop.job()
    shop.place.serve_one()
    assert shop.noted[0].outcome == "lost"


def test_a_result_waits_for_a_database_that_is_away(
    shop: Shop, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "PAUSE_SECONDS", 0)
    write = shop.place.database.write
    failures = iter([True, True])

    def away(function: object, *, relaxed: bool = False) -> object:
        if getattr(function, "__qualname__", "").startswith("_Attempt._finished") and next(
            failures, False
        ):
            raise DatabaseUnavailable("away")
        return write(function, relaxed=relaxed)  # type: ignore[arg-type]

    monkeypatch.setattr(shop.place.database, "write", away)
    job_id = shop.job()
    shop.place.serve_one()
    assert next(failures, None) is None
    assert shop.item(job_id).status == Status.FINISHED


def test_progress_reaches_the_row_with_the_next_beat(shop: Shop, act: Act) -> None:
    def half_way(item: Item, context: Context) -> None:
        context.progress(0.5, "halving")
        shop.beat()
        row = shop.item(job_id)
        seen.append((row.progress, row.phase))

    seen: list[tuple[float, str]] = []
    act(half_way)
    job_id = shop.job()
    shop.place.serve_one()
    assert seen == [(0.5, "halving")]
    assert "item.progress" in shop.bench.event_types(job_id)


def test_the_next_item_is_claimed_with_the_end_of_the_one_before(shop: Shop) -> None:
    shop.job()
    second = shop.job()
    assert shop.place.serve_one()
    assert shop.item(second).status == Status.RUNNING
    assert not shop.place.serve_one()
    assert shop.item(second).status == Status.FINISHED


def test_what_was_claimed_and_not_begun_is_handed_back(shop: Shop) -> None:
    shop.job()
    second = shop.job()
    shop.place.serve_one()
    shop.place.end()
    shop.place.close()
    item = shop.item(second)
    assert (item.status, item.attempts_allowed - item.attempt) == (Status.QUEUED, 3)
    assert not shop.place.serve_one()


def test_an_ending_worker_claims_nothing_with_its_last_result(shop: Shop, act: Act) -> None:
    act(lambda _, __: shop.place.ending.set())
    shop.job()
    second = shop.job()
    shop.place.serve_one()
    assert shop.item(second).status == Status.QUEUED
