"""The connector template and the process for Camunda 8: valid by Camunda's own schemas, and set as the contract says.

No Camunda 8 runs here: it needs a cluster. What its connectors read was taken from camunda/connectors,
connectors/http/rest/element-templates (version 18) and connectors/webhook/element-templates.
"""

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from connector.submit.requests import JobRequest
from tests.connector.service_process import ROOT
from tests.engines.npm import HERE, installed

FOLDER = ROOT / "openapi" / "engines" / "camunda"
PROCESS = FOLDER / "anonymize.bpmn"
TEMPLATE: dict[str, Any] = json.loads((FOLDER / "retusche-job.element-template.json").read_text())
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
TREE = ElementTree.parse(PROCESS).getroot()


@pytest.fixture(scope="module")
def tools() -> Path:
    return installed("bpmn")


def inputs(task: str) -> dict[str, str]:
    """Return what a service task hands to its connector."""
    (found,) = TREE.iterfind(f".//{BPMN}serviceTask[@id='{task}']")
    return {each.attrib["target"]: each.attrib["source"] for each in found.iter(f"{ZEEBE}input")}


def headers(task: str) -> dict[str, str]:
    (found,) = TREE.iterfind(f".//{BPMN}serviceTask[@id='{task}']")
    return {each.attrib["key"]: each.attrib["value"] for each in found.iter(f"{ZEEBE}header")}


def of_template() -> dict[str, str]:
    return {
        str(
            each["binding"].get("name") or each["binding"].get("key") or each["binding"]["property"]
        ): (each["value"])
        for each in TEMPLATE["properties"]
    }


@pytest.mark.slow
def test_the_template_fits_camundas_schema(tools: Path) -> None:
    package = "node_modules/@camunda/zeebe-element-templates-json-schema/resources/schema.json"
    schema = json.loads((tools / package).read_text())
    validator = jsonschema_rs.validator_for(schema)
    assert [error.message for error in validator.iter_errors(TEMPLATE)] == []
    wrong = TEMPLATE | {"appliesTo": 7}
    assert list(validator.iter_errors(wrong))


@pytest.mark.slow
def test_the_process_is_read_without_a_doubt(tools: Path) -> None:
    command = ["node", str(HERE / "bpmn" / "read.mjs"), str(tools), str(PROCESS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"warnings": [], "unknown": []}


@pytest.mark.slow
def test_the_process_has_no_fault_of_style(tools: Path, tmp_path: Path) -> None:
    (tmp_path / ".bpmnlintrc").write_text('{"extends": "bpmnlint:recommended"}')
    program = tools / "node_modules" / "bpmnlint" / "bin" / "bpmnlint.js"
    done = subprocess.run(
        ["node", str(program), str(PROCESS)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_is_drawn() -> None:
    process = TREE.find(f"{BPMN}process")
    assert process is not None
    drawn = {
        each.attrib["bpmnElement"]
        for each in TREE.iter()
        if each.tag.startswith(DI) and "bpmnElement" in each.attrib
    }
    things = {each.attrib["id"] for each in process if "id" in each.attrib}
    assert things <= drawn


@pytest.mark.parametrize("given", [inputs("create"), of_template()], ids=["process", "template"])
def test_the_wait_ends_before_the_connector_gives_up(given: dict[str, str]) -> None:
    assert '"Prefer": "wait=15"' in given["headers"]
    assert int(given["readTimeoutInSeconds"]) == 20


@pytest.mark.parametrize("given", [inputs("create"), of_template()], ids=["process", "template"])
def test_the_job_is_one_that_the_service_takes(given: dict[str, str]) -> None:
    """The FEEL context is JSON once its variables are filled in."""
    text = given["body"].removeprefix("=")
    text = text.replace("pictureId", '"p-1"').replace("pictureUrl", '"https://store.example/p.jpg"')
    job = JobRequest.model_validate(json.loads(text))
    assert job.callback is not None
    assert job.callback.events == ("job.finished", "job.failed", "job.cancelled")


def test_the_process_and_the_template_say_the_same() -> None:
    given = of_template()
    for name, value in {**inputs("create"), **headers("create")}.items():
        assert given[name] == value, name


def test_the_key_is_a_secret_of_the_cluster() -> None:
    for given in (inputs("create"), inputs("read"), of_template()):
        assert given["authentication.token"] == "{{secrets.RETUSCHE_KEY}}"


def test_what_passes_is_tried_again_and_what_is_refused_is_an_error() -> None:
    expression = headers("create")["errorExpression"]
    for status in ("429", "503"):
        assert f'error.code = "{status}"' in expression.partition("jobError(")[0]
    refused = expression.partition("else if")[2].partition("bpmnError(")[0]
    assert '"422"' in refused
    error = TREE.find(f"{BPMN}error")
    assert error is not None
    assert f'bpmnError("{error.attrib["errorCode"]}"' in expression
    assert TREE.find(f".//{BPMN}boundaryEvent[@attachedToRef='create']") is not None


def test_the_callback_is_checked_and_finds_its_process() -> None:
    event = TREE.find(f".//{BPMN}intermediateCatchEvent[@id='called_back']")
    assert event is not None
    told = {each.attrib["name"]: each.attrib["value"] for each in event.iter(f"{ZEEBE}property")}
    assert told["inbound.shouldValidateHmac"] == "enabled"
    assert told["inbound.hmacHeader"] == "X-Signature-256"
    assert told["inbound.hmacAlgorithm"] == "sha_256"
    assert told["inbound.hmacScopes"] == '=["body"]'
    assert told["inbound.hmacSecret"].startswith("{{secrets.")
    assert told["correlationKeyExpression"] == "=request.body.data.id"
    subscription = TREE.find(f"{BPMN}message//{ZEEBE}subscription")
    assert subscription is not None
    assert subscription.attrib["correlationKey"] == "=job.id"
    assert f"/inbound/{told['inbound.context']}" in inputs("create")["body"]


def test_a_lost_callback_stops_nothing() -> None:
    """After an hour the process asks by itself."""
    assert TREE.find(f".//{BPMN}timerEventDefinition/{BPMN}timeDuration") is not None
