"""Answers that routes declare: what they give, and which problems they can end in."""

from typing import Any

from connector.api.openapi import examples
from connector.api.openapi.headers import writes
from connector.api.openapi.schemas import BYTES, Responses, content, to
from connector.api.problems import MEDIA_TYPE
from connector.api.statuses import FAULTS

EVERYWHERE = ("host-refused", "internal-error")
"""What any request can end in."""
DATABASE = ("storage-unavailable", "shutting-down")
"""What a request can end in that asks the database."""
READING = ("body-malformed", "body-stalled", "body-too-large", "media-type-unsupported")
"""What a request can end in whose body is read."""
CREATION = (
    "idempotency-key-reused",
    "item-invalid",
    "job-invalid",
    "parameters-invalid",
    "queue-full",
    "quota-exceeded",
    "request-invalid",
    "source-unreachable",
    "too-many-items",
)
"""What a request can end in that makes a job."""
WORK = (
    "backend-unavailable",
    "backend-unreachable",
    "cancelled",
    "deadline-exceeded",
    "file-damaged",
    "file-missing",
    "file-too-large",
    "image-too-large",
    "image-undecodable",
    "image-unsupported",
    "out-of-memory",
    "residual-detections",
    "step-failed",
    "weights-invalid",
    "weights-missing",
    "worker-lost",
)
"""What a request can end in that waits for a step: a picture, its work, or the worker failed."""
DOWNLOAD = (
    "file-damaged",
    "file-missing",
    "link-expired",
    "link-invalid",
    "not-found",
    "range-unsatisfiable",
)
"""What a request for the bytes of a file can end in."""
ACCESS = (
    "issuer-unreachable",
    "rate-limited",
    "storage-unavailable",
    "token-invalid",
    "unauthenticated",
)
"""What a request can end in where the service asks who calls."""
CODES = "x-codes"
"""Key of the codes that a problem of an operation can have."""


def problems(*wanted: str) -> Responses:
    """Return the `responses` of a route that can answer with these problems, and with those of every route.

    Args:
        wanted: codes of `statuses`.
    """
    by_status: dict[int, list[str]] = {}
    for code in sorted({*EVERYWHERE, *wanted}):
        by_status.setdefault(FAULTS[code].status, []).append(code)
    return {status: problem(by_status[status]) for status in sorted(by_status)}


def problem(codes: list[str]) -> dict[str, Any]:
    """Return the answer that is a problem with one of these codes, all of one status."""
    faults = [FAULTS[code] for code in codes]
    lines = [f"`{code}`: {fault.title}" for code, fault in zip(codes, faults, strict=True)]
    answer: dict[str, Any] = {
        "description": "; ".join(lines),
        "content": content(MEDIA_TYPE, "Problem"),
        CODES: codes,
    }
    if faults[0].status == 401:
        answer["headers"] = writes("WWW-Authenticate")
    if any(fault.retry_after is not None for fault in faults):
        answer["headers"] = writes("Retry-After")
    return answer


def add_problems(operation: dict[str, Any], *wanted: str) -> None:
    """Add problems to an operation of the document, and put its answers in order."""
    answers = operation["responses"]
    known = [code for answer in answers.values() for code in answer.get(CODES, ())]
    made = problems(*known, *wanted)
    answers |= {str(status): answer for status, answer in made.items()}
    operation["responses"] = dict(sorted(answers.items()))


def run_responses() -> Responses:
    """Return the answers of a run that succeeded; `steps.run_operations` names each step's report."""
    return {
        200: {
            "description": "The picture, or with `Accept: application/json` every part and the report",
            "content": content("application/json", "RunAnswer") | {"image/*": {"schema": BYTES}},
            "headers": writes(
                "ETag",
                "Content-Disposition",
                "Retusche-Step",
                "Retusche-Verdict",
                "Retusche-Messages",
                "Server-Timing",
            ),
        }
    } | job_responses(202)


def job_responses(*statuses: int) -> Responses:
    """Return the answers that are a job: 200, 202."""
    described = {200: "The job, which has ended, or stands as asked", 202: "The job, which goes on"}
    names = {
        200: ("Location", "Preference-Applied"),
        202: ("Location", "Retry-After", "Preference-Applied"),
    }
    return {
        status: {
            "description": described[status],
            "content": content("application/json", "JobAnswer"),
            "headers": writes(*names[status]),
        }
        for status in statuses
    }


def file_responses() -> Responses:
    """Return the answers that are the bytes of a file."""
    anything = {name: {"schema": BYTES} for name in ("application/octet-stream", "*/*")}
    usual = ("ETag", "Accept-Ranges", "Content-Disposition")
    return {
        200: {
            "description": "The file, as its own media type",
            "content": anything,
            "headers": writes(*usual),
        },
        206: {
            "description": "The bytes that Range asks for",
            "content": anything,
            "headers": writes(*usual, "Content-Range"),
        },
        304: {
            "description": "The file is one of those that If-None-Match names",
            "headers": writes(*usual),
        },
    }


def archive_responses() -> Responses:
    """Return the answer that is an archive."""
    schemas = {name: {"schema": BYTES} for name in ("application/zip", "application/octet-stream")}
    return {
        200: {
            "description": "The archive (application/zip), written while it is read",
            "content": schemas,
            "headers": writes("Content-Disposition"),
        }
    }


def stream_responses() -> Responses:
    """Return the answers of an event stream."""
    schema = {
        "type": "string",
        "description": "Events (WHATWG HTML, section 9.2); the `data` of each is a `StreamedEvent` as JSON",
        "x-data": to("StreamedEvent"),
        "examples": [examples.STREAM],
    }
    return {
        200: {
            "description": "Events, until the job has ended",
            "content": {"text/event-stream": {"schema": schema}},
        },
        204: {"description": "The job has ended, and nothing is new"},
    }


def metrics_responses() -> Responses:
    """Return the answer that is Prometheus text."""
    text = {"text/plain": {"schema": {"type": "string"}}}
    return {200: {"description": "Figures, in Prometheus's text format", "content": text}}
