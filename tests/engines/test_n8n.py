"""The workflows of openapi/engines/n8n fit the nodes that they name. They ran in n8n 2.8.4 by hand: docs/engines.md.

n8n is 2 GB, so its node descriptions stand here as a table, read from n8n-nodes-base 2.8.4: of each node the
version used, and the parameters that it knows, with their choices.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.connector.service_process import ROOT

WORKFLOWS = sorted((ROOT / "openapi" / "engines" / "n8n").glob("*.json"))
ANY = None
NODES: dict[str, tuple[float, dict[str, tuple[Any, ...] | None]]] = {
    "stickyNote": (1, {"content": ANY, "width": ANY, "height": ANY}),
    "noOp": (1, {}),
    "stopAndError": (1, {"errorType": ("errorMessage", "errorObject"), "errorMessage": ANY}),
    "webhook": (
        2.1,
        {
            "httpMethod": ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"),
            "path": ANY,
            "responseMode": ("onReceived", "lastNode", "responseNode", "streaming"),
        },
    ),
    "set": (
        3.4,
        {
            "assignments.assignments.id": ANY,
            "assignments.assignments.name": ANY,
            "assignments.assignments.value": ANY,
            "assignments.assignments.type": ("string", "number", "boolean", "array", "object"),
            "includeOtherFields": ANY,
            "include": ("all", "selected", "except"),
            "options.stripBinary": (False,),
        },
    ),
    "if": (
        2.2,
        {
            "conditions.options.caseSensitive": ANY,
            "conditions.options.leftValue": ANY,
            "conditions.options.typeValidation": ("strict", "loose"),
            "conditions.options.version": (2,),
            "conditions.combinator": ("and", "or"),
            "conditions.conditions.id": ANY,
            "conditions.conditions.leftValue": ANY,
            "conditions.conditions.rightValue": ANY,
            "conditions.conditions.operator.type": ("string",),
            "conditions.conditions.operator.operation": ("equals",),
        },
    ),
    "httpRequest": (
        4.2,
        {
            "method": ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"),
            "url": ANY,
            "authentication": ("none", "predefinedCredentialType", "genericCredentialType"),
            "genericAuthType": ("httpHeaderAuth",),
            "sendHeaders": ANY,
            "headerParameters.parameters.name": ANY,
            "headerParameters.parameters.value": ANY,
            "sendBody": ANY,
            "contentType": ("form-urlencoded", "multipart-form-data", "json", "binaryData", "raw"),
            "specifyBody": ("keypair", "json"),
            "jsonBody": ANY,
            "bodyParameters.parameters.parameterType": ("formBinaryData", "formData"),
            "bodyParameters.parameters.name": ANY,
            "bodyParameters.parameters.value": ANY,
            "bodyParameters.parameters.inputDataFieldName": ANY,
            "options.timeout": ANY,
            "options.response.response.responseFormat": ("autodetect", "file", "json", "text"),
            "options.response.response.outputPropertyName": ANY,
        },
    ),
    "wait": (
        1.1,
        {
            "resume": ("timeInterval", "specificTime", "webhook", "form"),
            "httpMethod": ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"),
            "responseMode": ("onReceived", "lastNode", "responseNode"),
            "limitWaitTime": ANY,
            "limitType": ("afterTimeInterval", "atSpecifiedTime"),
            "resumeAmount": ANY,
            "resumeUnit": ("seconds", "minutes", "hours", "days"),
        },
    ),
    "respondToWebhook": (
        1.4,
        {
            "respondWith": (
                "allIncomingItems",
                "binary",
                "firstIncomingItem",
                "json",
                "jwt",
                "noData",
                "redirect",
                "text",
            ),
            "responseBody": ANY,
            "options.responseCode": ANY,
        },
    ),
}


def workflow(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (ROOT / "openapi" / "engines" / "n8n" / f"{name}.json").read_text()
    )
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of everything that a node is told; lists add nothing to a path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_node_knows_what_it_is_told(path: Any) -> None:
    found = json.loads(path.read_text())
    for node in found["nodes"]:
        version, known = NODES[node["type"].removeprefix("n8n-nodes-base.")]
        assert node["typeVersion"] == version
        for name, value in leaves(node["parameters"]):
            assert name in known, f"{node['name']}: {name}"
            choices = known[name]
            assert choices is ANY or value in choices, f"{node['name']}: {name} = {value}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_connection_and_expression_leads_to_a_node(path: Any) -> None:
    found = json.loads(path.read_text())
    names = [node["name"] for node in found["nodes"]]
    assert len(set(names)) == len(names)
    ends = [
        end["node"]
        for ports in found["connections"].values()
        for port in ports["main"]
        for end in port
    ]
    assert {*found["connections"], *ends} <= set(names)
    unlinked = {node["name"] for node in found["nodes"] if "stickyNote" not in node["type"]}
    assert unlinked - set(ends) == {"A picture"}
    assert set(re.findall(r"\$\('([^']+)'\)", path.read_text())) <= set(names)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_key_is_a_credential_and_goes_to_the_service_alone(path: Any) -> None:
    for node in json.loads(path.read_text())["nodes"]:
        if not node["type"].endswith(".httpRequest"):
            continue
        to_service = "/v1/" in node["parameters"]["url"]
        assert ("credentials" in node) is to_service
        assert (node["parameters"].get("genericAuthType") == "httpHeaderAuth") is to_service


def test_no_request_waits_longer_than_n8n_does() -> None:
    for path in WORKFLOWS:
        for node in json.loads(path.read_text())["nodes"]:
            seconds = node["parameters"].get("options", {}).get("timeout", 0) / 1000
            assert seconds <= 300


def test_the_three_ways_are_there() -> None:
    assert [path.stem for path in WORKFLOWS] == ["job-callback", "job-poll", "run"]
    asked = {name: json.dumps(workflow(name)) for name in ("run", "job-poll", "job-callback")}
    assert "/run" in asked["run"]
    assert "wait=30" in asked["job-poll"]
    assert "$execution.resumeUrl" in asked["job-callback"]
