"""One worker process, from its start to its end."""

import asyncio
import itertools
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_longlong
from dataclasses import replace

from connector.runner import worker
from connector.runner.errors import WorkerLost
from connector.runner.messages import Done, Failed, Order, Ready, WorkerPlan

# Never fork: CUDA does not survive it, nor do the threads of the model runtimes and of asyncio.
_SPAWN = multiprocessing.get_context("spawn")


class WorkerProcess:
    """A process that runs one order at a time. Once dead it stays dead; the pool makes another."""

    def __init__(self, plan: WorkerPlan) -> None:
        """Prepare; nothing runs before `start`."""
        self.faults: tuple[str, ...] = ()
        """Which models could not be loaded at the start although they are there."""
        self.died = asyncio.Event()
        """Set when the process has ended, for whatever reason."""
        self._connection, self._remote = _SPAWN.Pipe()
        self._cancelled = _SPAWN.RawValue(c_longlong, 0)
        self._process = _SPAWN.Process(
            target=worker.serve,
            args=(self._remote, self._cancelled, plan),
            name="retusche-worker",
            daemon=True,
        )
        self._launched: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self._number = 0
        # A thread of its own: sending and receiving megabytes over a pipe blocks.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker-pipe")

    @property
    def pid(self) -> int | None:
        """Process id; None before the start."""
        return self._process.pid

    async def start(self) -> None:
        """Start, and return when the models are loaded.

        Raises:
            WorkerLost: the process died before it was ready.
            OSError: the system gave no process.
        """
        loop = asyncio.get_running_loop()
        # Shielded: a start that is cancelled half-way would leave a process that nobody knows.
        self._launched = loop.create_task(self._launch(loop))
        await asyncio.shield(self._launched)
        ready = await self._exchange(None)
        if not isinstance(ready, Ready):
            raise TypeError(f"a worker announced itself with {ready!r}")
        self.faults = ready.faults

    def run(self, order: Order) -> "asyncio.Task[Done | Failed]":
        """Begin one order; `cancel` means this one from now on.

        The task raises:
            WorkerLost: the process died in the middle.
        """
        self._number = next(self._numbers)
        return asyncio.create_task(self._answer(replace(order, number=self._number)))

    def cancel(self) -> None:
        """Ask the order at hand to stop. Does nothing to later orders."""
        self._cancelled.value = self._number

    def kill(self) -> None:
        """End the process at once; whoever waits for its answer gets `WorkerLost`."""
        if self._process.pid is not None and not self.died.is_set():
            self._process.kill()

    async def close(self) -> None:
        """End the process, wait for its end, and give everything back."""
        if self._launched is not None:
            await asyncio.wait([self._launched])
            self.kill()
        if self._process.pid is not None:
            await self.died.wait()
        # In its thread, that is, after whatever still reads from the pipe has seen its end.
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)

    async def _launch(self, loop: asyncio.AbstractEventLoop) -> None:
        await loop.run_in_executor(self._thread, self._process.start)
        self._remote.close()  # the child's own end alone is left, so that its death closes the pipe
        loop.add_reader(self._process.sentinel, self._ended, loop)

    async def _answer(self, order: Order) -> Done | Failed:
        answer = await self._exchange(order)
        if isinstance(answer, Ready):
            raise TypeError("a worker announced itself twice")
        return answer

    async def _exchange(self, order: Order | None) -> Ready | Done | Failed:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._send_and_receive, order)
        except (EOFError, OSError) as error:
            await self.died.wait()
            raise WorkerLost(
                f"the worker process ended (exit code {self._process.exitcode}) before it answered"
            ) from error

    def _send_and_receive(self, order: Order | None) -> Ready | Done | Failed:
        if order is not None:
            self._connection.send(order)
        answer: Ready | Done | Failed = self._connection.recv()
        return answer

    def _ended(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._process.sentinel)
        self._process.join()  # reaps it; it has ended, so this does not wait
        self.died.set()
