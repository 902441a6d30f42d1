"""Prints what the durable path costs, with a step that does nothing, beside plain Celery and LitServe.

    python -m benchmarks.queue                          (everything)
    python -m benchmarks.queue --quick                  (a few items of each, to see that it works)
    python -m benchmarks.queue --only run|throughput|large|peers

Needs Linux, PostgreSQL and Redis on this machine (RETUSCHE_BENCH_POSTGRESQL, RETUSCHE_BENCH_REDIS). Peers and an
S3-compatible store are installed into benchmarks/output/queue by the user's own pip. The whole is written to
benchmarks/results/queue.json, parts and quick runs to benchmarks/output. Other work on the machine spoils the
seconds; processor milliseconds and ratios within one run suffer less.
"""

import argparse
import statistics
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
        found = _latencies(kind, sizes.calls)
        step, peer = found["the step alone"].p50, found["LitServe, form"].p50
        rows += [
            (kind, name, each.p50, each.p99, each.p50 - step, each.p50 / peer)
            for name, each in found.items()
        ]
    head = ("picture", "path", "p50 ms", "p99 ms", "p50 above the step", "× LitServe")
    title = f"One call after the other over one connection: {sizes.calls} calls after {latency.WARM_UP} to warm up"
    results.table(title, head, rows)


def _latencies(kind: str, calls: int) -> dict[str, Latency]:
    found = {"the step alone": latency.of_step(kind, calls)}
    for installation_kind in (EMBEDDED, DISTRIBUTED):
        with installed(installation_kind) as installation, Client(installation.port) as client:
            found[f"/run {installation_kind}, raw body"] = latency.of_run(client, kind, calls)
            form = latency.of_upload(client, RUN_PATH, kind, calls)
            found[f"/run {installation_kind}, form"] = form
    with beside.litserve() as client:
        found["LitServe, form"] = latency.of_upload(client, "/predict", kind, calls)
    with beside.celery() as environment:
        found["plain Celery, send and wait"] = beside.celery_latency(environment, kind, calls)
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
    with beside.celery() as environment:
        for kind in (SMALL, PHOTO):
            items = sizes.items[kind]
            found = [
                beside.celery_throughput(environment, kind, items) for _ in range(1 + sizes.rounds)
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
    results = Results("queue", PACKAGES)
    for name, part in PARTS.items():
        if given.only in (None, name):
            part(results, QUICK if given.quick else WHOLE)
    results.write(whole=not given.quick and given.only is None)


if __name__ == "__main__":
    main()
