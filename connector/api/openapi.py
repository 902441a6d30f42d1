"""What FastAPI cannot derive: problems on every operation, and the three forms of a run's body."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from connector.api.answers import RunAnswer
from connector.api.forms import RunRequest
from connector.api.problems import MEDIA_TYPE, Problem
from connector.api.statuses import FAULTS
from connector.api.views import JobAnswer
from connector.output import OutputOptions
from connector.submit.requests import JobRequest

_REFERENCE = "#/components/schemas/{model}"
_EXTRA_MODELS: tuple[type[BaseModel], ...] = (
    Problem,
    RunRequest,
    RunAnswer,
    OutputOptions,
    JobRequest,
    JobAnswer,
)
"""Models that travel in bodies which the routes read and write themselves."""
_BYTES = {"type": "string", "format": "binary"}

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """Return the `responses` of a route that can answer with these problems."""
    return {status: _problem(status) for status in statuses} | {
        "default": {"description": "Any other error", "content": _content(MEDIA_TYPE, Problem)}
    }


def _problem(status: int) -> dict[str, Any]:
    faults = [(code, fault) for code, fault in FAULTS.items() if fault.status == status]
    answer: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {fault.title}" for code, fault in faults),
        "content": _content(MEDIA_TYPE, Problem),
    }
    if any(fault.retry_after is not None for _, fault in faults):
        answer["headers"] = {
            "Retry-After": {
                "description": "Seconds until a new attempt is worth while",
                "schema": {"type": "integer"},
            }
        }
    return answer


def run_responses() -> Responses:
    """Return the answers of a run that succeeded."""
    headers = {
        "ETag": "SHA-256 of the bytes, quoted",
        "Content-Disposition": "Name of the file",
        "Retusche-Step": "Name/version of the step",
        "Retusche-Verdict": "The report's verdict, where the step gives one",
        "Retusche-Messages": "Codes of the report's messages, by commas",
        "Retusche-Trace-Id": "Finds this request in the service's log",
        "Server-Timing": "Milliseconds by phase",
    }
    return {
        200: {
            "description": "The picture, or with `Accept: application/json` every part and the report",
            "content": {"image/*": {"schema": _BYTES}} | _content("application/json", RunAnswer),
            "headers": {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in headers.items()
            },
        }
    } | job_responses(202)


def run_body() -> dict[str, Any]:
    """Return the request body of a run, in its three forms."""
    roles = ("file", "source", "style", "mask")
    multipart = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(roles, _BYTES)
        | {
            "parameters": {"type": "object", "description": "The step's parameters, as JSON"},
            "output": {"$ref": _REFERENCE.format(model=OutputOptions.__name__)},
        },
        "description": "`file` means `source`. At least one of the two is needed.",
    }
    as_json = {"contentType": "application/json"}
    content = {
        "multipart/form-data": {
            "schema": multipart,
            "encoding": {"parameters": as_json, "output": as_json},
        },
        "image/*": {"schema": _BYTES | {"description": "Parameters go into the query"}},
    }
    body = content | _content("application/json", RunRequest)
    return {"requestBody": {"required": True, "content": body}}


def job_body() -> dict[str, Any]:
    """Return the request body of a job."""
    content = _content("application/json", JobRequest)
    return {"requestBody": {"required": True, "content": content}}


def job_responses(*statuses: int) -> Responses:
    """Return the answers that are a job: 200, 202."""
    described = {200: "The job, which has ended, or stands as asked", 202: "The job, which goes on"}
    headers = {
        "Location": "Address of the job",
        "Retry-After": "Seconds until it is worth while to ask for it",
        "Preference-Applied": "The wait that was granted",
    }
    return {
        status: {
            "description": described[status],
            "content": _content("application/json", JobAnswer),
            "headers": {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in headers.items()
            },
        }
        for status in statuses
    }


def file_body() -> dict[str, Any]:
    """Return the request body of an upload, in its two forms."""
    multipart = {"type": "object", "required": ["file"], "properties": {"file": _BYTES}}
    content = {"*/*": {"schema": _BYTES}, "multipart/form-data": {"schema": multipart}}
    return {"requestBody": {"required": True, "content": content}}


def file_responses() -> Responses:
    """Return the answers that are the bytes of a file."""
    content = {"*/*": {"schema": _BYTES}}
    return {
        200: {"description": "The file; its ETag is the SHA-256, quoted", "content": content},
        206: {"description": "The bytes that Range asks for", "content": content},
        304: {"description": "The file is the one that If-None-Match names"},
    }


def archive_responses() -> Responses:
    """Return the answer that is an archive."""
    return {200: {"description": "The archive", "content": {"application/zip": {"schema": _BYTES}}}}


def stream_responses() -> Responses:
    """Return the answers of an event stream."""
    content = {"text/event-stream": {"schema": {"type": "string"}}}
    return {
        200: {"description": "Events, until the job has ended", "content": content},
        204: {"description": "The job has ended, and nothing is new"},
    }


def metrics_responses() -> Responses:
    """Return the answer that is Prometheus text."""
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {200: {"description": "Figures, in Prometheus's text format", "content": content}}


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}


def install(app: FastAPI) -> None:
    """Make `app.openapi()` complete."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _build(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _, extra = models_json_schema(
        [(model, "validation") for model in _EXTRA_MODELS],
        ref_template=_REFERENCE,
        by_alias=True,
    )
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name, definition in extra["$defs"].items():
        schemas.setdefault(name, definition)
    return schema
