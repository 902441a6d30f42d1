"""The peers, started and measured: LitServe over HTTP, plain Celery over Redis with its results kept there."""

import json
import os
import pickle
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.queue import latency
from benchmarks.queue.client import Client
from benchmarks.queue.environments import FOLDER, programs
from benchmarks.queue.latency import Latency
from benchmarks.queue.pictures import picture
from benchmarks.queue.processes import NotStarted, family, processor_seconds, running
from benchmarks.queue.services import free_port, redis_database

HERE = Path(__file__).parent / "peers"
WORKERS = 2


@dataclass(frozen=True, slots=True)
class LitServe:
    """A LitServe that runs."""

    client: Client
    pid: int

    def seconds(self) -> float:
        """Return the processor time that it has used so far."""
        return processor_seconds(family(self.pid))


@dataclass(frozen=True, slots=True)
class Celery:
    """A Celery worker that runs."""

    environment: dict[str, str]
    """What its client needs."""
    pid: int

    def seconds(self) -> float:
        """Return the processor time that it has used so far; Redis and the caller are not counted."""
        return processor_seconds(family(self.pid))


@contextmanager
def litserve() -> Iterator[LitServe]:
    """Give a connection to a LitServe with the no-op at /predict; one worker, as it comes.

    Raises:
        NotStarted: it did not start.
    """
    port = free_port()
    command = (programs("litserve") / "python", HERE / "litserve_noop.py", str(port))
    with running(command, FOLDER / "litserve.log", ready=[]) as pid, Client(port) as client:
        _wait_healthy(client)
        yield LitServe(client, pid)


def _wait_healthy(client: Client) -> None:
    """Wait until LitServe says that its workers are ready; its log at this level says nothing."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            client.call("GET", "/health")
        except (OSError, RuntimeError):  # not there yet, or 503
            client.close()
            time.sleep(0.1)
        else:
            return
    raise NotStarted(f"LitServe did not become ready; see {FOLDER / 'litserve.log'}")


@contextmanager
def celery() -> Iterator[Celery]:
    """Run plain Celery's worker with two processes.

    Raises:
        NotStarted: it did not start.
    """
    with redis_database() as broker:
        environment = {"BROKER": broker, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
        worker = ("--app", "celery_noop", "worker", "--concurrency", str(WORKERS))
        command = (programs("celery") / "celery", *worker, "--loglevel", "INFO")
        log = FOLDER / "celery.log"
        with running(command, log, ready=[" ready."], environment=environment) as pid:
            yield Celery(environment, pid)


def celery_latency(worker: Celery, kind: str, calls: int) -> Latency:
    """Send a picture and wait for its copy, one after the other."""
    found = _celery("latency", worker, kind, latency.WARM_UP + calls)
    return latency.summary(found[latency.WARM_UP :])


def celery_throughput(worker: Celery, kind: str, items: int) -> tuple[float, float]:
    """Send all pictures, wait for all copies; return (seconds to send, seconds in all)."""
    sent, whole = _celery("throughput", worker, kind, items)
    return sent, whole


def _celery(measure: str, worker: Celery, kind: str, count: int) -> list[float]:
    done = subprocess.run(
        [programs("celery") / "python", HERE / "celery_noop.py", measure],
        input=pickle.dumps([picture(kind, number) for number in range(count)]),
        stdout=subprocess.PIPE,
        env={**os.environ, **worker.environment},
        check=True,
    )
    found: list[float] = json.loads(done.stdout)
    return found
