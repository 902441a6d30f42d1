"""The files for a controller: in the published form, and with parameters that our worker understands."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from connector.cli import app
from connector.jadice import export
from connector.jadice.parameters import parameters_of
from connector.jadice.shapes import WorkerItem
from steps import registry, validation
from steps.contract import AnyStep
from tests.connector import sample_steps

GOLDEN = Path(__file__).parent / "golden"
STEPS = registry.build().all()
URL = "http://retusche:8000"


def form(node: Any) -> Any:
    """Return what a document looks like: keys, kinds, and of a list its first entry."""
    if isinstance(node, dict):
        return {key: form(value) for key, value in node.items()}
    if isinstance(node, list):
        return [form(node[0])] if node else []
    return type(node).__name__


@pytest.mark.parametrize("name", [export.WORKERS, export.JOB_TEMPLATES])
def test_the_files_have_the_published_form(name: str) -> None:
    golden = yaml.safe_load((GOLDEN / name).read_text())
    made = yaml.safe_load(export.files(STEPS, URL)[name])
    assert form(made) == form(golden)
    (top,) = made.values()
    (entries,) = top.values()
    assert {str(form(entry)) for entry in entries} == {str(form(entries[0]))}
    assert len(entries) == len(STEPS)


def test_the_key_on_is_text_to_every_reader_of_yaml() -> None:
    """Unquoted it is "true" in YAML 1.1, which Spring reads."""
    assert "'on': '*'" in export.files(STEPS, URL)[export.JOB_TEMPLATES]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_job_runs_its_worker_at_our_address(step: AnyStep) -> None:
    worker, job = export.worker(step, URL + "/"), export.job_template(step)
    assert worker["workerURL"] == f"{URL}/jadice/{step.name}"
    (template,) = job["stepTemplates"]
    assert template["workerDefinitionName"] == worker["workerName"]
    assert job["jobFlow"][0]["to"] == template["stepName"]
    assert "image/jpeg" in template["inputMimeTypes"]


@pytest.mark.parametrize(
    "step", [*STEPS, sample_steps.Echo()], ids=lambda step: f"{step.name} parameters"
)
def test_exported_parameters_work_as_they_stand(step: AnyStep) -> None:
    """What a controller would send if nobody changed a thing."""
    sent = {"parts": [], "parameters": export.parameters(step)}
    item = validation.validate(WorkerItem, sent)
    given = parameters_of(step, [], [item])
    assert validation.parameters_of(step, given) == step.usual_parameters()


def test_types_are_java_classes() -> None:
    types = {each["name"]: each["type"] for each in export.parameters(sample_steps.Echo())}
    assert types == {
        "seed": "java.lang.Long",
        "strength": "java.lang.Double",
        "note": "java.lang.String",
        "classes": "[Ljava.lang.String;",
        "sizes": "java.lang.String",
        "thresholds": "java.lang.String",
        "corner": "java.lang.String",
        "zones": "java.lang.String",
        "keepColours": "java.lang.Boolean",
        "limit": "java.lang.Long",
        "copies": "java.lang.Long",
    }


def test_the_command_writes_both_files_and_nothing_over_others(tmp_path: Path) -> None:
    command = ["export", "jadice", "--output", str(tmp_path / "new"), "--url", URL]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    for name in (export.WORKERS, export.JOB_TEMPLATES):
        assert str(tmp_path / "new" / name) in done.output
    kept = tmp_path / "new" / export.WORKERS
    kept.write_text("mine")
    again = CliRunner().invoke(app, command)
    assert (again.exit_code, kept.read_text()) == (2, "mine")
    assert "--force" in again.output
    assert CliRunner().invoke(app, [*command, "--force"]).exit_code == 0
    assert f"workerURL: {URL}/jadice/anonymize" in kept.read_text()


def test_the_command_refuses_what_is_no_address(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["export", "jadice", "--output", str(tmp_path), "--url", "retusche:8000"]
    )
    assert done.exit_code == 2
    assert "accepted: http://host:port" in done.output
    assert list(tmp_path.iterdir()) == []
