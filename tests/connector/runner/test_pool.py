"""The pool of worker processes: what it promises when things go wrong."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from connector.runner.errors import DeadlineExceeded, QueueFull, ShuttingDown, WorkerLost
from connector.runner.messages import Catalogue, Done, Failed, Order, WorkerPlan
from connector.runner.pool import Runner
from connector.settings import Settings
from steps.contract import Item, Output, Part
from steps.environment import Environment
from tests.connector import sample_steps
from tests.connector.fifo import LONG, Fifo

pytestmark = pytest.mark.anyio


def order(step: str = "echo", **parameters: object) -> Order:
    item = Item(parts=(Part(content=b"bytes", filename="a.bin"),))
    return Order(step=step, item=item, parameters=parameters, output=Output(), trace_id="t")


@asynccontextmanager
async def running(
    catalogue: Catalogue = sample_steps.registry, *, warm: bool = False, **settings: Any
) -> AsyncIterator[Runner]:
    plan = WorkerPlan(catalogue=catalogue, environment=Environment.from_env({}), warm=warm)
    runner = Runner(plan, Settings(**settings))
    runner.start()
    try:
        yield runner
    finally:
        await runner.close()


async def started(fifo: Fifo) -> int:
    return await asyncio.to_thread(fifo.started)


async def line(fifo: Fifo) -> str:
    return await asyncio.to_thread(fifo.line)


async def pid_of(runner: Runner) -> int:
    done = await runner.run(order())
    assert isinstance(done, Done)
    pid = done.report["workerPid"]
    assert isinstance(pid, int)
    return pid


async def up(runner: Runner) -> None:
    """Wait for a worker, however often the time for one run is too short for its start."""
    while not runner.alive:
        with suppress(DeadlineExceeded):
            await runner.run(order())


async def test_runs_in_another_process_that_stays() -> None:
    async with running() as runner:
        first = await pid_of(runner)
        assert first != os.getpid()
        assert await pid_of(runner) == first


async def test_a_result_is_measured_where_it_was_made() -> None:
    async with running() as runner:
        done = await runner.run(order(copies=2))
    assert isinstance(done, Done)
    assert [(p.type, p.role, p.content) for p in done.parts] == [
        ("BASE_PART", "source", b"bytes"),
        ("BASE_PART", "source", b"bytes"),
        ("META", "mask", b"bytes"),
    ]
    assert done.parts[0].sha256 == (
        "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (order("nope"), "step-unknown"),
        (order(strength=2), "parameters-invalid"),
        (order("probe", behaviour="bug"), "step-failed"),
        (order("probe", behaviour="error", error="OutOfMemory"), "out-of-memory"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_errors_come_back_as_codes(given: Order, code: str) -> None:
    async with running() as runner:
        failed = await runner.run(given)
        assert isinstance(failed, Failed)
        assert failed.code == code
        assert isinstance(await runner.run(order()), Done)


async def test_a_worker_killed_in_the_middle_is_replaced(fifo: Fifo) -> None:
    async with running() as runner:
        run = asyncio.create_task(runner.run(order("probe", notify=str(fifo))))
        victim = await started(fifo)
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="exit code -9"):
            await asyncio.wait_for(run, LONG)
        assert await pid_of(runner) != victim


async def test_a_worker_killed_while_idle_is_replaced() -> None:
    async with running() as runner:
        victim = await pid_of(runner)
        (worker,) = runner.alive
        os.kill(victim, signal.SIGKILL)
        await asyncio.wait_for(worker.died.wait(), LONG)
        assert runner.alive == ()
        assert await pid_of(runner) != victim


async def test_cancelling_stops_the_step_and_keeps_the_worker(fifo: Fifo) -> None:
    async with running(cancel_grace_seconds=LONG) as runner:
        run = asyncio.create_task(runner.run(order("probe", notify=str(fifo))))
        worker = await started(fifo)
        run.cancel()
        assert await line(fifo) == "cancelled"
        with pytest.raises(asyncio.CancelledError):
            await run
        assert await pid_of(runner) == worker


async def test_a_step_that_does_not_stop_loses_its_process(fifo: Fifo) -> None:
    async with running(cancel_grace_seconds=0.05) as runner:
        stubborn = order("probe", behaviour="stubborn", notify=str(fifo))
        run = asyncio.create_task(runner.run(stubborn))
        worker = await started(fifo)
        run.cancel()
        assert await asyncio.wait_for(pid_of(runner), LONG) != worker


async def test_out_of_time_cancels(fifo: Fifo) -> None:
    async with running(run_timeout_seconds=1, cancel_grace_seconds=LONG) as runner:
        await up(runner)
        run = asyncio.create_task(runner.run(order("probe", notify=str(fifo))))
        await started(fifo)
        with pytest.raises(DeadlineExceeded, match="within 1 seconds"):
            await run
        assert await line(fifo) == "cancelled"


async def test_the_queue_is_bounded_and_forgets_who_left(fifo: Fifo) -> None:
    async with running(queue_size=1, cancel_grace_seconds=LONG) as runner:
        await runner.run(order())
        busy = asyncio.create_task(runner.run(order("probe", notify=str(fifo))))
        await started(fifo)
        waiting = asyncio.create_task(runner.run(order()))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await runner.run(order())
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not runner.full
        second = asyncio.create_task(runner.run(order()))
        await asyncio.sleep(0)
        busy.cancel()
        assert await line(fifo) == "cancelled"
        assert isinstance(await asyncio.wait_for(second, LONG), Done)


async def test_two_workers_work_at_once(tmp_path: Path) -> None:
    fifos = [Fifo(tmp_path / name) for name in "ab"]
    async with running(workers=2, cancel_grace_seconds=LONG) as runner:
        runs = [asyncio.create_task(runner.run(order("probe", notify=str(fifo)))) for fifo in fifos]
        pids = {await started(fifo) for fifo in fifos}
        assert len(pids) == 2
        for run, fifo in zip(runs, fifos, strict=True):
            run.cancel()
            assert await line(fifo) == "cancelled"


async def test_closing_ends_the_processes_and_refuses_work() -> None:
    async with running() as runner:
        pid = await pid_of(runner)
    with pytest.raises(ShuttingDown):
        await runner.run(order())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_closing_before_a_worker_is_ready_leaves_none_behind() -> None:
    async with running() as runner:
        await asyncio.sleep(0)
    assert runner.alive == ()


async def test_closing_tells_those_who_wait(fifo: Fifo) -> None:
    async with running(cancel_grace_seconds=LONG) as runner:
        busy = asyncio.create_task(runner.run(order("probe", notify=str(fifo))))
        await started(fifo)
        waiting = asyncio.create_task(runner.run(order()))
        await asyncio.sleep(0)
        closing = asyncio.create_task(runner.close())
        with pytest.raises(ShuttingDown):
            await asyncio.wait_for(waiting, LONG)
        assert await line(fifo) == "cancelled"
        stopped = await asyncio.wait_for(busy, LONG)
        assert isinstance(stopped, Failed)
        assert stopped.code == "cancelled"
        await closing


async def test_workers_that_cannot_start_are_reported() -> None:
    async with running(sample_steps.broken) as runner:
        for _ in range(2):  # the first waits for the start, the second is told at once
            with pytest.raises(WorkerLost, match="no worker process can be started"):
                await asyncio.wait_for(runner.run(order()), LONG)


async def test_warming_up_says_what_is_damaged() -> None:
    async with running(warm=True) as runner:
        await runner.run(order())
        (worker,) = runner.alive
        assert worker.faults == ("probe: probe.onnx is damaged",)


async def test_missing_weights_do_not_keep_a_worker_from_starting() -> None:
    async with running(sample_steps.fresh, warm=True) as runner:
        assert isinstance(await runner.run(order("unequipped")), Done)
        (worker,) = runner.alive
        assert worker.faults == ()
