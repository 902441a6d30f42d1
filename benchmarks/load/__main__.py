"""Prints how long `GET /v1/jobs/{id}` takes while many ask and many send 12-megapixel pictures, and the API's memory.

    python -m benchmarks.load            (two minutes under load, and less without it)
    python -m benchmarks.load --quick    (seconds, to see that it works)

Needs Linux. Callers and service share this machine's cores: the callers' own share is printed beside. Embedded
installation: one API process, one worker. The whole is written to benchmarks/results/load.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass

from benchmarks.load.callers import Found, Plan
from benchmarks.queue.client import Client
from benchmarks.queue.installation import EMBEDDED, Installation, installed
from benchmarks.queue.latency import summary
from benchmarks.queue.pictures import MIME_TYPES, SMALL, picture
from benchmarks.queue.processes import ROOT, resident_mb
from benchmarks.queue.throughput import STEPS
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell

POLLING, UPLOADING = 200, 50
POLL_SECONDS = 1.0
"""As often as Retry-After asks for."""
UPLOAD_SECONDS = 4.0
"""Between two pictures of one caller; 50 callers then send about 12 pictures, 60 MB, a second."""
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Load:
    """What one phase showed."""

    polled: Found
    uploaded: Found
    seconds: float
    memory: tuple[float, ...]
    """Of the API's process, MB, second by second."""
    api_seconds: float
    """Of processor time."""


def measure(
    at: Installation, jobs: tuple[str, ...], seconds: float, polling: int, uploading: int
) -> Load:
    """Let callers call for some seconds."""
    plan = Plan(port=at.port, seconds=seconds, callers=polling, pause=POLL_SECONDS, jobs=jobs)
    sending = Plan(port=at.port, seconds=seconds, callers=uploading, pause=UPLOAD_SECONDS)
    memory: list[float] = []
    over = threading.Event()
    before = at.seconds()["api"]
    watch = threading.Thread(target=_watch, args=(at.api, memory, over))
    watch.start()
    try:
        processes = [_start("poll", plan), _start("upload", sending)]
        polled, uploaded = (_ended(process) for process in processes)
    finally:
        over.set()
        watch.join()
    return Load(polled, uploaded, seconds, tuple(memory), at.seconds()["api"] - before)


def _watch(pid: int, memory: list[float], over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        memory.append(resident_mb(pid))


def _start(name: str, plan: Plan) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load.callers", name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None:
        raise RuntimeError("a pipe was asked for")
    process.stdin.write(json.dumps(asdict(plan)))
    process.stdin.close()
    return process


def _ended(process: subprocess.Popen[str]) -> Found:
    if process.stdout is None:
        raise RuntimeError("a pipe was asked for")
    said = process.stdout.read()
    if process.wait():
        raise RuntimeError(f"the callers ended with {process.returncode}")
    return Found(**json.loads(said))


def row(name: str, load: Load) -> tuple[Cell, ...]:
    """Return the table's row of a phase."""
    latency = summary(load.polled.milliseconds)
    uploads = len(load.uploaded.milliseconds)
    quarter = max(1, len(load.memory) // 4)
    return (
        name,
        len(load.polled.milliseconds),
        latency.p50,
        latency.p99,
        uploads / load.seconds,
        load.uploaded.sent_bytes / 1e6 / load.seconds,
        summary(load.uploaded.milliseconds).p99 if uploads > 1 else None,
        len(load.polled.errors) + len(load.uploaded.errors),
        statistics.median(load.memory[:quarter]),
        statistics.median(load.memory[-quarter:]),
        max(load.memory),
        load.api_seconds / load.seconds,
    )


HEAD = (
    "callers",
    "calls",
    "p50 ms",
    "p99 ms",
    "uploads/s",
    "MB/s",
    "upload p99 ms",
    "errors",
    "MB, first quarter",
    "MB, last quarter",
    "MB, peak",
    "API cores",
)


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few seconds of each")
    quick = parser.parse_args().quick
    results = Results("load", ("fastapi", "uvicorn", "uvloop", "sqlalchemy", "obstore"))
    with installed(EMBEDDED) as here, Client(here.port) as client:
        url = client.upload(picture(SMALL, 0), MIME_TYPES[SMALL])
        job = json.dumps({"steps": STEPS, "items": [{"parts": [{"url": url}]}]}).encode()
        jobs = tuple(client.create(job) for _ in range(POLLING))
        for each in jobs:
            client.ended(each)
        phases = (("1 polling", 1, 0, 20), (f"{POLLING} polling", POLLING, 0, 20))
        busy = (f"{POLLING} polling, {UPLOADING} uploading", POLLING, UPLOADING, 120)
        found = {
            name: measure(here, jobs, 5 if quick else seconds, polling, uploading)
            for name, polling, uploading, seconds in (*phases, busy)
        }
    title = (
        f"`GET /v1/jobs/{{id}}`, each caller once in {POLL_SECONDS:g} s; pictures of 12 megapixels, each caller "
        f"{UPLOAD_SECONDS:g} s after the one before, deleted again; memory of the API's process"
    )
    results.table(title, HEAD, [row(name, load) for name, load in found.items()])
    for load in found.values():
        for error in [*load.polled.errors, *load.uploaded.errors][:5]:
            print(error)
    results.write(whole=not quick)


if __name__ == "__main__":
    main()
