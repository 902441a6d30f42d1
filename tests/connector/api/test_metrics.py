"""What Prometheus is told, and that the alerts' names are those that are told."""

import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.connector.api.conftest import SOURCE
from tests.connector.workshop import Workshop

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]


async def figures(http: httpx.AsyncClient, path: str = "/metrics") -> dict[str, float]:
    answer = await http.get(path)
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_what_waits_and_what_was_done(http: httpx.AsyncClient, workshop: Workshop) -> None:
    body = {"steps": [{"step": "echo"}], "items": [{"parts": [{"url": SOURCE}]}] * 2}
    await http.post("/v1/jobs", json=body)
    found = await figures(http)
    assert found["retusche_queue_depth['cpu', 'local']"] == 2
    assert found["retusche_queue_oldest_seconds['cpu']"] >= 0
    assert found["retusche_items['QUEUED']"] == 2
    workshop.work()
    found = await figures(http, "/actuator/prometheus")
    assert "retusche_queue_depth['cpu', 'local']" not in found
    assert found["retusche_items['FINISHED']"] == 2
    assert found["retusche_files_bytes[]"] > 0
    assert found["retusche_attempts_total['finished', 'workshop']"] == 2
    assert found["retusche_step_seconds_count['', 'echo', 'workshop']"] == 2
    assert found["retusche_step_seconds_bucket['', '+Inf', 'echo', 'workshop']"] == 2
    assert found["retusche_worker_memory_bytes['workshop']"] > 1_000_000
    for name in (
        "model_evictions_total",
        "model_offloads_total",
        "model_returns_total",
        "out_of_memory_total",
        "models_memory_bytes",
        "models_gpu_bytes",
    ):
        assert found[f"retusche_{name}['workshop']"] >= 0
    assert found["retusche_leases_lost_total[]"] == 0


async def test_every_figure_of_the_alerts_is_told(
    http: httpx.AsyncClient, workshop: Workshop
) -> None:
    workshop.presence.ready()
    told = (await http.get("/metrics")).text
    wanted = set(re.findall(r"retusche_\w+", (ROOT / "deploy" / "alerts.yml").read_text()))
    assert wanted
    for name in wanted:
        assert f"# TYPE {name} " in told, name
