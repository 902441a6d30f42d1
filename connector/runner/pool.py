"""N worker processes, a bounded queue before them, and what happens when one is slow or dies."""

import asyncio
import logging
from collections.abc import Coroutine

from connector.runner.errors import DeadlineExceeded, QueueFull, ShuttingDown, WorkerLost
from connector.runner.messages import Done, Failed, Order, WorkerPlan
from connector.runner.process import WorkerProcess
from connector.settings import Settings

log = logging.getLogger(__name__)

LONGEST_RESTART_DELAY = 30.0
"""Seconds between two attempts to start a worker that dies at its start: quick to recover, no busy loop."""


class Runner:
    """Runs orders in worker processes. Lives in one event loop, between `start` and `close`."""

    def __init__(self, plan: WorkerPlan, settings: Settings) -> None:
        """Prepare; no process runs before `start`."""
        self._plan = plan
        self._settings = settings
        # None wakes whoever waits, to see that no worker can be had.
        self._free: asyncio.Queue[WorkerProcess | None] = asyncio.Queue()
        self._alive: set[WorkerProcess] = set()
        self._supervisors: list[asyncio.Task[None]] = []
        self._answers: set[asyncio.Task[Done | Failed]] = set()
        self._settling: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._failing = 0
        self._closing = False

    @property
    def alive(self) -> tuple[WorkerProcess, ...]:
        """The processes that are up and ready (busy ones too)."""
        return tuple(worker for worker in self._alive if not worker.died.is_set())

    @property
    def full(self) -> bool:
        """Whether another order would be refused."""
        return self._free.empty() and self._waiting >= self._settings.queue_size

    @property
    def failing(self) -> bool:
        """Whether every worker process died at its start, and none can be had at the moment."""
        return self._failing >= self._settings.workers

    def start(self) -> None:
        """Start the worker processes; returns at once, orders wait until one is ready."""
        for _ in range(self._settings.workers):
            self._supervisors.append(asyncio.create_task(self._supervise()))

    async def run(self, order: Order) -> Done | Failed:
        """Run one order, waiting for a free worker first. Cancelling this call cancels the work.

        Raises:
            QueueFull, WorkerLost, DeadlineExceeded, ShuttingDown: no answer; the reason.
        """
        limit = self._settings.run_timeout_seconds
        try:
            async with asyncio.timeout(limit):
                worker = await self._take()
                return await self._work(worker, order)
        except TimeoutError:
            raise DeadlineExceeded(f"no result within {limit:g} seconds") from None

    async def close(self) -> None:
        """End every worker process; orders still running get `cancel_grace_seconds` to stop."""
        self._closing = True
        self._wake_all()
        for worker in self._alive:
            worker.cancel()
        if self._answers:
            await asyncio.wait(self._answers, timeout=self._settings.cancel_grace_seconds)
        for task in self._supervisors:
            task.cancel()
        await asyncio.gather(*self._supervisors, return_exceptions=True)

    async def _take(self) -> WorkerProcess:
        if self.full and not self._closing:
            raise QueueFull(f"{self._waiting} pictures wait already")
        self._waiting += 1
        try:
            while not self.failing and not self._closing:
                worker = await self._free.get()
                if worker is not None and not worker.died.is_set():
                    return worker
            if self._closing:
                raise ShuttingDown("the service is shutting down")
            raise WorkerLost("no worker process can be started; see the log")
        finally:
            self._waiting -= 1

    def _wake_all(self) -> None:
        for _ in range(self._waiting):
            self._free.put_nowait(None)

    async def _work(self, worker: WorkerProcess, order: Order) -> Done | Failed:
        answer = worker.run(order)
        self._answers.add(answer)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            worker.cancel()
            raise
        finally:
            self._later(self._settle(worker, answer))

    async def _settle(self, worker: WorkerProcess, answer: asyncio.Task[Done | Failed]) -> None:
        """Free the worker when its order has ended; kill it when a cancelled one does not end."""
        await asyncio.wait([answer], timeout=self._settings.cancel_grace_seconds)
        if not answer.done():
            log.warning("killing a worker that did not stop", extra={"pid": worker.pid})
            worker.kill()
            await asyncio.wait([answer])
        self._answers.discard(answer)
        answer.exception()  # whoever waited has it; asked for here, it counts as seen if nobody did
        if not worker.died.is_set():
            self._free.put_nowait(worker)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _supervise(self) -> None:
        """Keep one worker process alive: start it, wait for its death, start the next."""
        delay = 0.0
        while True:
            worker = WorkerProcess(self._plan)
            try:
                if await self._started(worker):
                    delay = 0.0
                    await worker.died.wait()
                    log.warning("a worker process died", extra={"pid": worker.pid})
                    continue
            finally:
                self._alive.discard(worker)
                await worker.close()
            delay = min(LONGEST_RESTART_DELAY, max(1.0, delay * 2))
            self._failing += 1
            self._wake_all()
            try:
                await asyncio.sleep(delay)
            finally:
                self._failing -= 1

    async def _started(self, worker: WorkerProcess) -> bool:
        try:
            async with asyncio.timeout(self._settings.start_timeout_seconds):
                await worker.start()
        except (WorkerLost, TimeoutError, OSError) as error:
            log.error("a worker process did not start", extra={"detail": repr(error)})  # noqa: TRY400
            return False
        self._alive.add(worker)
        self._free.put_nowait(worker)
        log.info("a worker process is ready", extra={"pid": worker.pid})
        return True
