"""What a registry's steps add to the document: typed parameters and reports, a run of its own for each."""

import copy
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, create_model

from connector.api.openapi import examples
from connector.api.openapi.bodies import raw_picture, run_form
from connector.api.openapi.queries import query_parameters
from connector.api.openapi.responses import problem
from connector.api.openapi.schemas import Schema, content, defaults_in_words, definitions, to
from steps.contract import AnyStep
from steps.registry import Registry

RUN_PATH = "/v1/steps/{step}/run"
CHAINED = "ChainedStep"
"""Name of the union of the steps of a chain, told apart by `step`."""
REPORT = "StepReport"
"""Name of the union of the reports, told apart by `step`."""


def class_name(step: str) -> str:
    """Return a step's name as names of schemas begin: "style-transfer" → "StyleTransfer"."""
    return "".join(word.capitalize() for word in step.split("-"))


def add_schemas(schemas: dict[str, Schema], registry: Registry) -> None:
    """Add the schemas of every step, and put the unions where the general models are loose.

    Args:
        schemas: `components/schemas`; holds RunRequest, RunAnswer, TemplateStep, JobHead's fields and
            PartAnswer, which are made typed here.
        registry: of the service.
    """
    steps = registry.all()
    schemas |= definitions((_named(s.report, s, "Report") for s in steps), "serialization")
    schemas |= defaults_in_words(
        definitions((_named(s.parameters, s, "Parameters") for s in steps), "validation")
    )
    request, answer = schemas.pop("RunRequest"), schemas.pop("RunAnswer")
    chained = schemas.pop("TemplateStep")
    for step in steps:
        name = class_name(step.name)
        parameters, report = to(f"{name}Parameters"), to(f"{name}Report")
        constant = {"const": step.name, "type": "string"}
        written = schemas[f"{name}Report"]["properties"]
        written["step"] = constant
        written["parameters"] = parameters | {"description": "Every one of them, with its default"}
        schemas[f"{name}RunRequest"] = _with(request, parameters=parameters)
        schemas[f"{name}RunAnswer"] = _with(answer, report=report)
        schemas[f"{name}Step"] = _with(chained, step=constant, parameters=parameters) | {
            "description": f"{step.title} as one step of a chain."
        }
    schemas[CHAINED] = _union("Step", steps) | {"description": "One step of a chain."}
    schemas[REPORT] = _union("Report", steps) | {"description": "What a step did."}
    _use_unions(schemas)


def _named(model: type[BaseModel], step: AnyStep, kind: str) -> type[BaseModel]:
    """Return the model under the step's own name: a plug-in may use the base class itself."""
    name = class_name(step.name) + kind
    if model.__name__ == name:
        return model
    return create_model(name, __base__=model, __doc__=f"{kind} of the step {step.name!r}.")


def _with(schema: Schema, **properties: Schema) -> Schema:
    return schema | {"properties": schema["properties"] | properties}


def _union(kind: str, steps: Iterable[AnyStep]) -> Schema:
    found = {step.name: to(class_name(step.name) + kind) for step in steps}
    mapping = {name: reference["$ref"] for name, reference in found.items()}
    return {
        "oneOf": list(found.values()),
        "discriminator": {"propertyName": "step", "mapping": mapping},
    }


def _use_unions(schemas: dict[str, Schema]) -> None:
    for model in ("JobRequest", "TemplateAnswer"):
        steps = schemas[model]["properties"]["steps"]
        for choice in steps.get("anyOf", [steps]):
            if "items" in choice:
                choice["items"] = to(CHAINED)
    report = schemas["PartAnswer"]["properties"]["report"]
    report["anyOf"] = [to(REPORT), {"type": "null"}]


def run_operations(paths: dict[str, Any], schemas: dict[str, Schema], registry: Registry) -> None:
    """Put a path for each step in the place of the one that takes the step's name as a parameter."""
    general = paths.pop(RUN_PATH)["post"]
    for step in registry.all():
        paths[RUN_PATH.format(step=step.name)] = {"post": _run_of(step, general, schemas)}


def _run_of(step: AnyStep, general: dict[str, Any], schemas: dict[str, Schema]) -> dict[str, Any]:
    name = class_name(step.name)
    operation = copy.deepcopy(general)
    headers = [each for each in operation["parameters"] if each.get("name") != "step"]
    fields = schemas[f"{name}Parameters"]["properties"]
    form = run_form(to(f"{name}Parameters"))
    operation |= {
        "operationId": f"run_{step.name.replace('-', '_')}",
        "summary": f"{step.title}: one picture, now",
        "description": f"{step.summary}\n\n{general['description']}",
        "parameters": [*headers, *query_parameters(fields, schemas)],
    }
    as_json = content("application/json", f"{name}RunRequest")
    as_json["application/json"]["examples"] = examples.run(step.name)
    operation["requestBody"]["content"] = form | raw_picture() | as_json
    answers = operation["responses"]
    answers["200"]["content"] |= content("application/json", f"{name}RunAnswer")
    missing = [code for code in answers.pop("404", {}).get("x-codes", []) if code != "step-unknown"]
    if missing:
        answers["404"] = problem(missing)
    return operation
