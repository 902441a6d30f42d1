"""Prints what the durable path costs, with a step that does nothing, beside plain Celery and LitServe.

    python -m benchmarks.queue                          (everything but the large job: minutes)
    python -m benchmarks.queue --only large             (a job of 100,000 items: many minutes)
    python -m benchmarks.queue --only run|throughput|peers
    python -m benchmarks.queue --quick                  (a few items of each, to see that it works)

Needs Linux, PostgreSQL and Redis on this machine (RETUSCHE_BENCH_POSTGRESQL, RETUSCHE_BENCH_REDIS). Peers and an
S3-compatible store are installed into benchmarks/output/queue by the user's own pip. The whole is written to
benchmarks/results/queue.json, the large job to queue-large.json beside it, other parts to benchmarks/output. Other
work on the machine spoils the seconds; processor milliseconds and ratios within one run suffer less.
"""

import argparse
import signal
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.queue import beside, large, latency, throughput
from benchmarks.queue.client import Client
from benchmarks.queue.installation import DISTRIBUTED, EMBEDDED, WORKERS, Installation, installed
from benchmarks.queue.latency import Latency
from benchmarks.queue.noop import NoOp
from benchmarks.queue.pictures import PHOTO, SMALL
from benchmarks.shared.results import Results
from benchmarks.shared.tables import Cell

PACKAGES = ("celery", "fastapi", "uvicorn", "sqlalchemy", "psycopg", "obstore", "redis")
RUN_PATH = f"/v1/steps/{NoOp.name}/run"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    calls: int
    items: dict[str, int]
    """Of a job, by kind of picture."""
    rounds: int
    """Jobs of which the median counts."""
    large: int


WHOLE = Sizes(calls=300, items={SMALL: 1000, PHOTO: 250}, rounds=3, large=100_000)
QUICK = Sizes(calls=60, items={SMALL: 200, PHOTO: 50}, rounds=1, large=5000)


def print_run(results: Results, sizes: Sizes) -> None:
    """Print the latency of `/run` beside LitServe's and Celery's, each picture new."""
    rows: list[tuple[Cell, ...]] = []
    for kind in (SMALL, PHOTO):
        step = latency.of_step(kind, sizes.calls).p50
        found = _latencies(kind, sizes.calls)
        peer = found["LitServe, form"][0].p50
        rows += [
            (kind, name, each.p50, each.p99, each.p50 - step, each.p50 / peer, processor_ms)
            for name, (each, processor_ms) in found.items()
        ]
    head = ("picture", "path", "p50 ms", "p99 ms", "p50 above the step", "× LitServe")
    title = (
        f"One call after the other over one connection: {sizes.calls} calls after {latency.WARM_UP} "
        "to warm up; processor time of all processes but the caller and Redis"
    )
    results.table(title, (*head, "processor ms"), rows)


def _latencies(kind: str, calls: int) -> dict[str, tuple[Latency, float]]:
    """Return latency and processor milliseconds per call, by path."""
    found = {}

    def measure(name: str, seconds: Callable[[], float], timed: Callable[[], Latency]) -> None:
        before = seconds()
        its_latency = timed()
        used = seconds() - before
        found[name] = (its_latency, 1000 * used / (calls + latency.WARM_UP))

    for each in (EMBEDDED, DISTRIBUTED):
        with installed(each) as here, Client(here.port) as client:

            def seconds(here: Installation = here) -> float:
                return sum(here.seconds().values())

            measure(
                f"/run {each}, raw body",
                seconds,
                lambda client=client: latency.of_run(client, kind, calls),  # type: ignore[misc]
            )
            measure(
                f"/run {each}, form",
                seconds,
                lambda client=client: latency.of_upload(client, RUN_PATH, kind, calls),  # type: ignore[misc]
            )
    with beside.litserve() as peer:
        measure(
            "LitServe, form",
            peer.seconds,
            lambda: latency.of_upload(peer.client, "/predict", kind, calls),
        )
    with beside.celery() as worker:
        measure(
            "plain Celery, send and wait",
            worker.seconds,
            lambda: beside.celery_latency(worker, kind, calls),
        )
    return found


def print_throughput(results: Results, sizes: Sizes) -> None:
    """Print items per second of jobs, and where the processor's time goes."""
    rows: list[tuple[Cell, ...]] = []
    for kind in (EMBEDDED, DISTRIBUTED):
        with installed(kind) as installation:
            for picture in (SMALL, PHOTO):
                rows.append(_throughput_row(installation, picture, sizes))
    head = ("installation", "picture", "items", "create s", "items/s worked", "items/s in all")
    roles = ("api ms", "workers ms", "database ms", "store ms")
    title = (
        f"A job over HTTP, each item with a file of its own; {WORKERS[EMBEDDED]} worker embedded, "
        f"{WORKERS[DISTRIBUTED]} distributed; median of {sizes.rounds}; processor time per item"
    )
    results.table(title, (*head, *roles), rows)


def _throughput_row(installation: Installation, picture: str, sizes: Sizes) -> tuple[Cell, ...]:
    items = sizes.items[picture]
    # The first round warms up: connections, statements, folders.
    found = [
        throughput.measure(installation, picture, items, begin=turn * items)
        for turn in range(1 + sizes.rounds)
    ][1:]

    def median(of: Callable[[throughput.Throughput], float]) -> float:
        return statistics.median(of(each) for each in found)

    return (
        installation.kind,
        picture,
        items,
        median(lambda each: each.create_seconds),
        items / median(lambda each: each.work_seconds),
        items / median(lambda each: each.whole_seconds),
        *(
            median(lambda each, role=role: each.processor_ms[role])  # type: ignore[misc]
            for role in ("api", "workers", "database", "store")
        ),
    )


def print_peers(results: Results, sizes: Sizes) -> None:
    """Print the items per second of plain Celery."""
    rows: list[tuple[Cell, ...]] = []
    with beside.celery() as worker:
        for kind in (SMALL, PHOTO):
            items = sizes.items[kind]
            found = [
                beside.celery_throughput(worker, kind, items) for _ in range(1 + sizes.rounds)
            ][1:]
            sent, whole = (statistics.median(column) for column in zip(*found, strict=True))
            rows.append((kind, items, sent, items / whole))
    title = (
        f"Plain Celery: all tasks sent, then all results taken, over Redis; "
        f"{beside.WORKERS} processes; median of {sizes.rounds}"
    )
    results.table(title, ("picture", "items", "send s", "items/s in all"), rows)


def print_large(results: Results, sizes: Sizes) -> None:
    """Print what a very large job takes."""
    with installed(DISTRIBUTED) as installation:
        found = large.measure(installation, sizes.large)
    row = (
        sizes.large,
        found.create_seconds,
        sizes.large / found.work_seconds,
        found.api_peak_mb,
        found.database_mb,
    )
    head = ("items", "create s", "items/s worked", "API peak MB", "database MB")
    results.table("One large job, distributed, all items on one file; one run", head, [row])


PARTS: dict[str, Callable[[Results, Sizes], None]] = {
    "run": print_run,
    "throughput": print_throughput,
    "peers": print_peers,
    "large": print_large,
}


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.queue",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a few items of each")
    parser.add_argument("--only", choices=PARTS, help="one part")
    given = parser.parse_args()
    names = [given.only] if given.only else [name for name in PARTS if name != "large"]
    if given.quick and not given.only:
        names = list(PARTS)
    # A default SIGTERM would leave the processes that run behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    results = Results("queue-large" if given.only == "large" else "queue", PACKAGES)
    for name in names:
        PARTS[name](results, QUICK if given.quick else WHOLE)
    results.write(whole=not given.quick and given.only in (None, "large"))


if __name__ == "__main__":
    main()
