"""Processes that are started here and ended here, and what they used (Linux: read from /proc)."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
"""Longest start: interpreters are slow where other work uses the cores."""
END_SECONDS = 20.0
"""After SIGTERM; then SIGKILL."""
LOOK_SECONDS = 0.02


class NotStarted(RuntimeError):
    """A process ended, or was silent, before it was ready; the message holds the end of its log."""


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    ready: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Start a process in a group of its own, give its pid once it is ready, and end it, whatever happens.

    Args:
        command: program and arguments.
        log: file for what it writes.
        ready: what its log holds when it is ready.
        environment: further variables.

    Raises:
        NotStarted: it did not become ready.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        _wait_ready(process, log, ready)
        yield process.pid
    finally:
        _end(process)


def _wait_ready(process: subprocess.Popen[bytes], log: Path, ready: Sequence[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not all(words in log.read_text(errors="replace") for words in ready):
        if process.poll() is not None or time.monotonic() > deadline:
            said = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            raise NotStarted(f"{log.stem} did not start:\n{said}")
        time.sleep(LOOK_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):  # children that outlived it
        os.killpg(process.pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Return the processes that any thread of a process has started and that live."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for found in lists for word in found.read_text().split()]


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it and live."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def processor_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used so far, user and system, all threads; 0 for ended ones."""
    ticks = 0
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            continue
        fields = stat.rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """Return the highest resident memory of a process so far, MB."""
    return _memory_mb(pid, "VmHWM:")


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, MB."""
    return _memory_mb(pid, "VmRSS:")


def _memory_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / 1e6
