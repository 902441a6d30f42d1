"""Answering from an earlier result."""

from dataclasses import replace

import pytest

from connector.jobs import purge
from connector.jobs.filed import sweep
from connector.jobs.model import StepCall
from connector.jobs.states import Status
from connector.work import reuse
from steps.contract import Item, Output, Part
from steps.environment import Environment
from tests.connector.work import steps
from tests.connector.work.conftest import Act, Shop

STUB = StepCall(step="stub", parameters={"text": "one"})


@pytest.fixture
def runs(shop: Shop, act: Act) -> list[str]:
    """Collect the names of items that were really worked on."""
    shop.place.reuse_results = True
    seen: list[str] = []
    act(lambda item, _: seen.append(item.id))
    return seen


def test_the_same_work_is_done_once_and_the_report_says_so(shop: Shop, runs: list[str]) -> None:
    first, second = shop.job(STUB), shop.job(STUB)
    shop.place.serve_one()
    shop.place.serve_one()
    assert len(runs) == 1
    a, b = shop.parts(first), shop.parts(second)
    assert a[1].sha256 == b[1].sha256
    assert a[1].id != b[1].id
    assert (b[0].type, b[1].source_part_id) == ("META", b[0].id)
    assert shop.item(second).reports[0]["messages"][-1]["code"] == "result-reused"
    assert (
        "messages" not in shop.item(first).reports[0] or not shop.item(first).reports[0]["messages"]
    )


def test_another_source_is_other_work(shop: Shop, runs: list[str]) -> None:
    shop.job(STUB, content=b"a")
    shop.job(STUB, content=b"b")
    shop.place.serve_one()
    shop.place.serve_one()
    assert len(runs) == 2


def test_a_kept_result_outlives_the_job_that_made_it(shop: Shop, runs: list[str]) -> None:
    first = shop.job(STUB)
    shop.place.serve_one()
    shop.bench.write(lambda tx: purge.purge(tx, "local", first))
    shop.bench.write(lambda tx: sweep(tx, shop.store.delete, shop.bench.now))
    second = shop.job(STUB)
    shop.place.serve_one()
    assert len(runs) == 1
    assert shop.item(second).status == Status.FINISHED
    assert shop.store.read(shop.parts(second)[1].sha256) == b"one"


def test_it_is_forgotten_in_the_end(shop: Shop, runs: list[str]) -> None:
    shop.job(STUB)
    shop.place.serve_one()
    shop.bench.now += 3601
    shop.job(STUB)
    shop.place.serve_one()
    assert len(runs) == 2


def key(call: StepCall = STUB, source: bytes = b"s", name: str = "a.png", **output: str) -> str:
    step = steps.registry().get(call.step)
    item = Item(parts=(Part(content=source, filename=name, id="x"),))
    environment = Environment.from_env({})
    return reuse.key_of(item, [(step, call)], Output(**output), environment)  # type: ignore[arg-type]


def test_everything_that_decides_the_bytes_decides_the_key() -> None:
    seeded = StepCall(step="stub", parameters={"text": "one", "seed": 7})
    keys = [
        key(),
        key(StepCall(step="stub")),
        key(seeded),
        key(replace(STUB, on_failure="skip")),
        key(replace(STUB, keep=True)),
        key(source=b"other"),
        key(name="b.png"),
        key(mime_type="image/jpeg"),
        key(StepCall(step="brighten")),
    ]
    assert len(set(keys)) == len(keys)
    assert key() == key()


def test_files_that_an_operator_may_change_decide_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    step = steps.registry().get("stub")
    monkeypatch.setattr(type(step), "decisive", lambda *_: ["a workflow's hash"])
    assert key() != before


def test_a_default_written_out_is_the_same_work() -> None:
    assert key(StepCall(step="stub")) == key(StepCall(step="stub", parameters={"text": "done"}))


def test_wrong_parameters_are_the_steps_to_refuse(shop: Shop, runs: list[str]) -> None:
    job_id = shop.job(StepCall(step="stub", parameters={"text": 5}))
    shop.place.serve_one()
    assert shop.item(job_id).error_code == "parameters-invalid"
