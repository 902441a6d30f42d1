"""The examples in deploy/: they parse, agree with each other, and name metrics and queues that exist."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.operations.files import GUIDE, ROOT, services

DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\bretusche_[a-z_]+")


def _yaml(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def _alerts() -> list[dict[str, Any]]:
    (rules,) = _yaml(DEPLOY / "alerts.yml")
    return [rule for group in rules["groups"] for rule in group["rules"]]


def _scalers() -> list[dict[str, Any]]:
    return _yaml(DEPLOY / "keda" / "workers.yaml")


def _ecs(name: str) -> dict[str, Any]:
    loaded = json.loads((DEPLOY / "ecs" / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _known_metrics() -> set[str]:
    """The metrics of the guide's table, with the series that a histogram has."""
    guide = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(retusche_[a-z_]+)", guide, re.MULTILINE))
    return named | {f"{name}_{part}" for name in named for part in ("bucket", "sum", "count")}


@pytest.mark.parametrize("alert", _alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_can_be_asked_of_prometheus(alert: dict[str, Any]) -> None:
    promql_parser.parse(alert["expr"])
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"]
    assert set(METRIC.findall(alert["expr"])) <= _known_metrics()


@pytest.mark.parametrize("alert", _alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_has_its_row_in_the_guide(alert: dict[str, Any]) -> None:
    rows = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    assert [row for row in rows if f"`{alert['alert']}`" in row.split("|")[1]]


def test_prometheus_reads_the_rules_that_are_mounted() -> None:
    (config,) = _yaml(DEPLOY / "prometheus.yml")
    mounted = dict(v.split(":")[:2] for v in services()["prometheus"]["volumes"] if v[0] == ".")
    assert config["rule_files"] == [mounted["./deploy/alerts.yml"]]
    (retusche,) = (job for job in config["scrape_configs"] if job["job_name"] == "retusche")
    (found,) = retusche["dns_sd_configs"]
    assert found["names"] == ["api"]
    assert str(found["port"]) == services()["api"]["environment"]["RETUSCHE_PORT"]


@pytest.mark.parametrize("scaler", _scalers(), ids=lambda scaler: scaler["metadata"]["name"])
def test_kubernetes_scales_by_the_age_of_a_queue(scaler: dict[str, Any]) -> None:
    assert scaler["apiVersion"] == "keda.sh/v1alpha1"
    assert scaler["kind"] == "ScaledObject"
    spec = scaler["spec"]
    assert spec["minReplicaCount"] < spec["maxReplicaCount"]
    (trigger,) = spec["triggers"]
    query = trigger["metadata"]["query"]
    promql_parser.parse(query)
    assert METRIC.findall(query) == ["retusche_queue_oldest_seconds"]
    (queue,) = re.findall(r'queue="(\w+)"', query)
    assert spec["scaleTargetRef"]["name"] == f"retusche-{queue}-worker"
    assert f"{queue}-worker" in services()
    assert all(isinstance(value, str) for value in trigger["metadata"].values())  # KEDA's rule


def test_ecs_examples_are_of_one_service_and_one_metric() -> None:
    policies = [_ecs(name) for name in ("step-scaling-out", "step-scaling-in", "target-tracking")]
    target = _ecs("scalable-target")
    for key in ("ServiceNamespace", "ResourceId", "ScalableDimension"):
        assert {policy[key] for policy in policies} == {target[key]}
    alarms = [_ecs("alarm-out"), _ecs("alarm-in")]
    tracking = policies[2]["TargetTrackingScalingPolicyConfiguration"]
    tracked = tracking["CustomizedMetricSpecification"]
    agent = _ecs("cloudwatch-agent")["logs"]["metrics_collected"]["prometheus"]["emf_processor"]
    (declared,) = agent["metric_declaration"]
    for asked in (*alarms, tracked):
        assert asked["Namespace"] == agent["metric_namespace"]
        assert declared["metric_selectors"] == [f"^{asked['MetricName']}$"]
        assert asked["MetricName"] in _known_metrics()
        assert [[each["Name"] for each in asked["Dimensions"]]] == declared["dimensions"]


def test_ecs_steps_cover_every_age_above_the_alarm_once() -> None:
    policy = _ecs("step-scaling-out")["StepScalingPolicyConfiguration"]
    steps = policy["StepAdjustments"]
    assert steps[0]["MetricIntervalLowerBound"] == 0
    for lower, upper in itertools.pairwise(steps):
        assert lower["MetricIntervalUpperBound"] == upper["MetricIntervalLowerBound"]
        assert lower["ScalingAdjustment"] < upper["ScalingAdjustment"]
    assert "MetricIntervalUpperBound" not in steps[-1]
    assert _ecs("alarm-in")["Threshold"] < _ecs("alarm-out")["Threshold"]


def test_the_broker_waits_longer_for_an_acknowledgement_than_by_default() -> None:
    lines = (DEPLOY / "rabbitmq.conf").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    settings = {key.strip(): value.strip() for key, value in pairs}
    assert int(settings["consumer_timeout"]) > 30 * 60 * 1000  # RabbitMQ's own default
