"""Entries of a jadice flow controller's workers.yaml and jobtemplates.yaml, one of each for a step.

Keys and forms are the published ones; which of them are seen and which assumed: docs/jadice-flow.md.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from steps.contract import AnyStep
from steps.imaging.sniff import READABLE

Entry = dict[str, Any]
Schema = Mapping[str, Any]

WORKERS = "workers.yaml"
JOB_TEMPLATES = "jobtemplates.yaml"
PROCESSOR = "com.jadice.flow.controller.server.processor.RemoteItemProcessor"
"""The controller's class that calls a worker with whole items."""
INFO_TAGS = ("ITEM_BASED", "IMAGE_PROCESSING", "REMOTE")

_TEXTS = "[Ljava.lang.String;"
_TEXT = "java.lang.String"
_JAVA = {
    "boolean": "java.lang.Boolean",
    "integer": "java.lang.Long",  # a seed goes up to 2³²-1, beyond Integer
    "number": "java.lang.Double",
    "string": _TEXT,
}


def files(steps: Iterable[AnyStep], url: str) -> dict[str, str]:
    """Return the text of both files by name.

    Args:
        steps: each gets a worker and a job template.
        url: where the controller reaches this service.
    """
    found = list(steps)
    workers = {"workerDefinitions": [worker(step, url) for step in found]}
    templates = {"jobTemplates": [job_template(step) for step in found]}
    return {
        WORKERS: _text({"jadice-flow.workers": workers}),
        JOB_TEMPLATES: _text({"jadice-flow.jobs": templates}),
    }


def worker(step: AnyStep, url: str) -> Entry:
    """Return a step's entry of workers.yaml."""
    return {
        "workerName": name_of(step),
        "description": step.summary,
        "processorClass": PROCESSOR,
        "workerURL": f"{url.rstrip('/')}/jadice/{step.name}",
        "infoTags": list(INFO_TAGS),
        "workerParameters": parameters(step),
    }


def job_template(step: AnyStep) -> Entry:
    """Return a step's entry of jobtemplates.yaml: a job of this step alone."""
    named = name_of(step)
    template = {
        "stepName": step.name,
        "workerDefinitionName": named,
        "inputMimeTypes": list(READABLE),
        "expectsNewPartResult": True,  # also where nothing was found: the source comes back
        "markSrcAsMetaOnResult": True,
        "parameters": parameters(step),
    }
    return {
        "jobName": named,
        "description": step.summary,
        "properties": {},
        "enabled": True,
        "stepTemplates": [template],
        "jobFlow": [{"from": "", "on": "*", "to": step.name}],
    }


def parameters(step: AnyStep) -> list[Entry]:
    """Return a step's parameters by wire name, with values that work as they stand: most often the defaults."""
    schema = step.parameters.model_json_schema(by_alias=True)
    usual = step.usual_parameters().model_dump(mode="json", by_alias=True)
    return [_parameter(name, field, usual[name]) for name, field in schema["properties"].items()]


def name_of(step: AnyStep) -> str:
    """Return the name of a step's worker and job: a controller may have others of the step's plain name."""
    return f"retusche-{step.name}"


def _parameter(name: str, field: Schema, value: object) -> Entry:
    described = str(field.get("description", ""))
    if "enum" in field:
        described = f"{described} One of: {', '.join(map(str, field['enum']))}."
    kind = _java(field)
    return {
        "name": name,
        "type": kind,
        "subTypes": [],
        "value": _value(value, kind),
        "description": described.strip(),
    }


def _java(field: Schema) -> str:
    """Return the Java class of a value; what has no simple one is JSON in a text."""
    choices = [choice for choice in field.get("anyOf", [field]) if choice.get("type") != "null"]
    kinds = {str(choice.get("type")) for choice in choices}
    if kinds == {"array"} and all(c.get("items", {}).get("type") == "string" for c in choices):
        return _TEXTS
    if kinds == {"integer", "number"}:
        return _JAVA["number"]
    return _JAVA.get(kinds.pop(), _TEXT) if len(kinds) == 1 else _TEXT


def _value(value: object, kind: str) -> str:
    """Return JSON inside a string; the empty string means no value, as in the published files."""
    if value is None:
        return ""
    inner = json.dumps(value, ensure_ascii=False)
    is_plain = kind != _TEXT or isinstance(value, str)
    return inner if is_plain else json.dumps(inner, ensure_ascii=False)


def _text(content: Entry) -> str:
    return yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True, width=110, explicit_start=True
    )
