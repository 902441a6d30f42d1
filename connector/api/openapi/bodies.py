"""Request bodies that the routes read themselves."""

from typing import Any

from connector.api.openapi import examples
from connector.api.openapi.headers import reads
from connector.api.openapi.schemas import BYTES, content, to

ROLES = ("file", "source", "style", "mask")
"""Names of a form's file parts; `file` means `source`."""


def run_body() -> dict[str, Any]:
    """Return the request of a run of any step; `steps.run_operations` gives each step its own."""
    body = run_form() | raw_picture() | content("application/json", "RunRequest")
    return _required(body) | reads("Accept", "Idempotency-Key")


def run_form(parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a run as a multipart form.

    Args:
        parameters: schema of the step's parameters; None: of no certain step.
    """
    as_json = {"contentType": "application/json"}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(ROLES, BYTES)
        | {"parameters": parameters or {"type": "object"}, "output": to("OutputOptions")},
        "description": "`file` means `source`: at least one of the two is needed. Each with a filename.",
    }
    encoding = {"parameters": as_json, "output": as_json}
    return {"multipart/form-data": {"schema": schema, "encoding": encoding}}


def raw_picture() -> dict[str, Any]:
    """Return a run as the bytes of a picture; its parameters stand in the query."""
    schema = BYTES | {"description": "The picture; parameters go into the query"}
    return {name: {"schema": schema} for name in ("application/octet-stream", "image/*")}


def job_body() -> dict[str, Any]:
    """Return the request of a job."""
    body = content("application/json", "JobRequest")
    body["application/json"]["examples"] = examples.JOBS
    return _required(body) | reads("Prefer", "Idempotency-Key")


def file_body() -> dict[str, Any]:
    """Return the request of an upload, in its two forms."""
    multipart = {"type": "object", "required": ["file"], "properties": {"file": BYTES}}
    raw = {name: {"schema": BYTES} for name in ("application/octet-stream", "*/*")}
    return _required({"multipart/form-data": {"schema": multipart}} | raw)


def _required(body: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": body}}
