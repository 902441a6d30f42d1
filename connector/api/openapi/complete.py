"""The whole document: what FastAPI derives from the routes, and what it cannot."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from connector.api.answers import RunAnswer
from connector.api.forms import RunRequest
from connector.api.openapi import examples, headers, webhooks
from connector.api.openapi.links import add_links
from connector.api.openapi.responses import ACCESS, add_problems
from connector.api.openapi.schemas import defaults_in_words, definitions, untitled
from connector.api.openapi.steps import add_schemas, run_operations
from connector.api.problems import Problem
from connector.api.views import JobAnswer
from connector.jadice.shapes import FlowJobRequest, WorkerItem
from connector.output import OutputOptions
from connector.submit.requests import JobRequest
from steps.registry import Registry

_READ: tuple[type[BaseModel], ...] = (
    RunRequest,
    JobRequest,
    OutputOptions,
    FlowJobRequest,
    WorkerItem,
)
"""Models of bodies that the routes read themselves."""
_WRITTEN: tuple[type[BaseModel], ...] = (
    Problem,
    RunAnswer,
    JobAnswer,
    webhooks.JobEvent,
    webhooks.StreamedEvent,
)
"""Models of bodies that the routes, and callbacks, write themselves."""

DESCRIPTION = """\
Steps take a picture and give one back, with a report that says what was done. `POST /v1/steps/{step}/run` works on
one picture now; a **job** takes any number of pictures through a chain of steps and survives whatever happens.

Every error is `application/problem+json` with a stable `code`; `x-codes` of an answer lists those that it can have.
Every answer has `Retusche-Trace-Id`, which finds the request in the service's log; a `traceparent` of the caller's
is kept. The steps of plug-ins are in the document of the installation that has them: `GET /openapi.json`."""

TAGS = {
    "steps": "What can be done, and doing it to one picture now",
    "jobs": "Any number of pictures through a chain of steps",
    "files": "Files sent ahead, by callers without a store",
    "templates": "The operator's named pipelines",
    "jadice flow": "The interface of a jadice flow controller, and of its workers: docs/jadice-flow.md",
    "health": "Whether it works, for orchestrators and monitoring",
    "webhooks": "What is sent to a job's callback",
}

IDS = {
    "job_id": "`id` of the job",
    "part_id": "`id` of the part",
    "file_id": "`id` of the file",
    "delivery_id": "`id` of the delivery",
    "step": "`name` of the step",
}
"""What a parameter of a path means, by its name."""


def install(app: FastAPI, registry: Registry) -> None:
    """Make `app.openapi()` complete.

    Args:
        app: has every route by the time somebody asks.
        registry: its steps get typed operations.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(app, registry)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(app: FastAPI, registry: Registry) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/", "description": "Where this document lies"}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= definitions(_WRITTEN, "serialization")
    schemas |= defaults_in_words(definitions(_READ, "validation"))
    add_schemas(schemas, registry)
    run_operations(document["paths"], schemas, registry)
    _drop_what_fastapi_assumes(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            _add_problems_of_access(operation)
            _describe_ids(operation)
    add_links(document["paths"])
    document["webhooks"] = webhooks.webhooks()
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    components["parameters"] = headers.parameters()
    components["headers"] = headers.ANSWERED
    components["schemas"] = dict(sorted(schemas.items()))
    whole: dict[str, Any] = untitled(document)
    examples.add_to_schemas(whole["components"]["schemas"])
    return whole


def _drop_what_fastapi_assumes(document: dict[str, Any]) -> None:
    """Drop its own form of 422, which no route here gives: errors of the query are problems too."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation["responses"].get("422", {})
            if "application/json" in answer.get("content", {}):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _add_problems_of_access(operation: dict[str, Any]) -> None:
    asked = operation.setdefault("security", [])
    needs_scope = any(scopes for each in asked for scopes in each.values())
    codes = (*ACCESS, "scope-missing") if needs_scope else ACCESS
    add_problems(operation, *(codes if asked else ()))


def _describe_ids(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter.get("in") == "path" and parameter["name"] in IDS:
            parameter.setdefault("description", IDS[parameter["name"]])
