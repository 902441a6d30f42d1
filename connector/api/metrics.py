"""`/metrics` and `/actuator/prometheus`: the figures of the whole installation, read at each scrape.

Every API process says the same, since all of it stands in the database; deploy/alerts.yml therefore takes
`max` over instances and never their sum.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request, Security
from fastapi.security import SecurityScopes
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from pydantic import ValidationError
from sqlalchemy import Connection, func, select
from starlette.responses import Response

from connector.api.openapi import DATABASE, metrics_responses, problems
from connector.auth.callers import Credential, caller
from connector.auth.scopes import Scope
from connector.jobs import tally, waiting
from connector.jobs.states import Status
from connector.jobs.tables import deliveries, files, items, jobs, workers
from connector.queue.figures import BUCKETS, Figures
from connector.service import Here, Service

router = APIRouter(tags=["health"])


async def scraper(
    request: Request, service: Here, needed: SecurityScopes, shown: Credential
) -> None:
    """Let in whoever may read figures; everyone, where the operator has opened them.

    Raises:
        AccessError: the caller is not let in.
    """
    if not service.settings.open_metrics:
        await caller(request, needed, shown)


SCRAPER = Security(scraper, scopes=[Scope.METRICS_READ])
BOUNDS = (*(f"{bound:g}" for bound in BUCKETS), "+Inf")


@router.get(
    "/metrics",
    operation_id="get_metrics",
    dependencies=[SCRAPER],
    response_class=Response,
    responses={**metrics_responses(), **problems(*DATABASE)},
)
def metrics(service: Here) -> Response:
    """Return the figures of the whole installation as Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Installation(service))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get(
    "/actuator/prometheus",
    operation_id="get_actuator_prometheus",
    dependencies=[SCRAPER],
    response_class=Response,
    responses={**metrics_responses(), **problems(*DATABASE)},
)
def actuator_prometheus(service: Here) -> Response:
    """Return the same where Spring-based tools look."""
    return metrics(service)


class _Installation(Collector):
    """Reads what the database says now."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> list[Metric]:
        """Say nothing before the scrape: it would ask the database twice."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        now = self._service.now()
        yield from self._service.database.read(lambda tx: [*_queues(tx, now), *_totals(tx)])
        rows = self._service.database.read(_worker_rows)
        yield from _workers([(name, figures) for name, figures in rows if figures is not None])


def _queues(tx: Connection, now: float) -> Iterator[Metric]:
    oldest = GaugeMetricFamily(
        "retusche_queue_oldest_seconds",
        "How long the oldest item of a queue has waited",
        labels=["queue"],
    )
    for queue, (_, since) in waiting.oldest_waiting(tx).items():
        oldest.add_metric([queue], max(0.0, now - since))
    yield oldest
    depth = GaugeMetricFamily("retusche_queue_depth", "Items that wait", labels=["queue", "client"])
    found = tx.execute(
        select(items.c.queue, items.c.client_id, func.count())
        .where(items.c.status == Status.QUEUED)
        .group_by(items.c.queue, items.c.client_id)
    )
    for queue, client, count in found:
        depth.add_metric([queue, client], count)
    yield depth


def _totals(tx: Connection) -> Iterator[Metric]:
    states = GaugeMetricFamily("retusche_items", "Items of the jobs kept", labels=["status"])
    # The jobs' own counts: a scrape does not count a million items.
    counts = [func.coalesce(func.sum(jobs.c[status.lower()]), 0) for status in Status]
    for status, count in zip(Status, tx.execute(select(*counts)).one(), strict=True):
        states.add_metric([status], int(count))
    yield states
    sent = GaugeMetricFamily("retusche_deliveries", "Callbacks of the jobs kept", labels=["status"])
    for state, count in tx.execute(
        select(deliveries.c.status, func.count()).group_by(deliveries.c.status)
    ):
        sent.add_metric([state.lower()], count)
    yield sent
    size = tx.execute(select(func.coalesce(func.sum(files.c.size_bytes), 0))).scalar_one()
    yield GaugeMetricFamily("retusche_files_bytes", "Bytes stored", value=int(size))
    yield CounterMetricFamily(
        "retusche_leases_lost",
        "Attempts whose worker died or was cut off",
        value=tally.value(tx, tally.LEASES_LOST),
    )


def _worker_rows(tx: Connection) -> list[tuple[str, Figures | None]]:
    rows = tx.execute(select(workers.c.id, workers.c.metrics).order_by(workers.c.id))
    return [(name, _figures(stored)) for name, stored in rows]


def _figures(stored: object) -> Figures | None:
    try:
        return Figures.from_json(stored)
    except ValidationError:
        return None  # of a worker of another version: it has figures, and these are not they


def _workers(found: Sequence[tuple[str, Figures]]) -> Iterator[Metric]:
    yield _step_seconds(found)
    attempts = CounterMetricFamily(
        "retusche_attempts", "Attempts at items that ended", labels=["outcome", "worker"]
    )
    for name, figures in found:
        for outcome, count in sorted(figures.attempts.items()):
            attempts.add_metric([outcome, name], count)
    yield attempts
    for kind, metric, text, field in _OF_WORKERS:
        yield _each(kind, metric, text, found, field)


_OF_WORKERS: tuple[tuple[type[Any], str, str, str], ...] = (
    (CounterMetricFamily, "retusche_model_loads", "Models loaded", "model_loads"),
    (
        CounterMetricFamily,
        "retusche_model_evictions",
        "Models dropped to make room",
        "model_evictions",
    ),
    (
        CounterMetricFamily,
        "retusche_model_offloads",
        "Models moved from the GPU to main memory to make room",
        "model_offloads",
    ),
    (
        CounterMetricFamily,
        "retusche_model_returns",
        "Models brought back from main memory to the GPU",
        "model_returns",
    ),
    (
        CounterMetricFamily,
        "retusche_out_of_memory",
        "Times that memory ran out in a model, whether or not something helped",
        "out_of_memory",
    ),
    (
        GaugeMetricFamily,
        "retusche_models_memory_bytes",
        "Main memory that loaded models hold",
        "model_bytes",
    ),
    (
        GaugeMetricFamily,
        "retusche_models_gpu_bytes",
        "GPU memory that loaded models hold",
        "gpu_bytes",
    ),
    (
        GaugeMetricFamily,
        "retusche_worker_memory_bytes",
        "Resident memory of a worker",
        "rss_bytes",
    ),
)
"""Kind, name, meaning, and the field of `Figures`."""


def _each(
    kind: type[Any], name: str, text: str, found: Sequence[tuple[str, Figures]], field: str
) -> Metric:
    family: Metric = kind(name, text, labels=["worker"])
    for worker, figures in found:
        family.add_metric([worker], getattr(figures, field))  # type: ignore[attr-defined]
    return family


def _step_seconds(found: Sequence[tuple[str, Figures]]) -> Metric:
    family = HistogramMetricFamily(
        "retusche_step_seconds", "Seconds of a step's run", labels=["step", "backend", "worker"]
    )
    for worker, figures in found:
        for each in figures.step_seconds:
            counts: Counter[str] = Counter()
            total = 0
            for bound, count in zip(BOUNDS, each.counts, strict=False):
                total += count
                counts[bound] = total
            family.add_metric(
                [each.step, each.backend, worker],
                buckets=[(bound, counts[bound]) for bound in BOUNDS],
                sum_value=each.sum,
            )
    return family
