"""Headers that operations read and write."""

from typing import Any

from connector.api.preferences import LONGEST_KEY, LONGEST_WAIT

_TEXT = {"type": "string"}

PARAMETERS: dict[str, dict[str, Any]] = {
    "Prefer": {
        "description": f"`wait=N`: wait up to N seconds ({LONGEST_WAIT:g} at most) for the end of the job (RFC 7240)",
        "schema": _TEXT,
        "example": "wait=30",
    },
    "Idempotency-Key": {
        "description": "The same key and request again within 24 h get the same job; quoted or bare",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY + 2},
        "example": "4711-kitchen",
    },
    "Last-Event-ID": {
        "description": "`id` of the last event that was seen; the stream goes on behind it",
        "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
        "example": "42",
    },
    "Range": {
        "description": "One range of bytes (RFC 9110, section 14); several, or none that can be read, get the whole",
        "schema": _TEXT,
        "example": "bytes=0-1023",
    },
    "If-Range": {
        "description": "The range counts only while the file has this ETag",
        "schema": _TEXT,
    },
    "If-None-Match": {
        "description": "ETags that the caller has; 304 when the file's is among them",
        "schema": _TEXT,
    },
    "Accept": {
        "description": (
            "`application/json`: every part and the report; `image/*` or a picture type: the result's bytes. "
            "Left out: the bytes"
        ),
        "schema": _TEXT,
        "example": "application/json",
    },
}
"""Request headers by name: `components/parameters` of the document."""

ANSWERED: dict[str, dict[str, Any]] = {
    "Location": {"description": "Address of what was made", "schema": _TEXT},
    "Retry-After": {
        "description": "Seconds until it is worth while to ask again",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Preference-Applied": {"description": "The wait that was granted", "schema": _TEXT},
    "ETag": {"description": "SHA-256 of the bytes, quoted", "schema": _TEXT},
    "Content-Disposition": {"description": "Name of the file", "schema": _TEXT},
    "Content-Range": {"description": "Which bytes these are, of how many", "schema": _TEXT},
    "Accept-Ranges": {"description": "`bytes`: ranges can be asked for", "schema": _TEXT},
    "Retusche-Step": {"description": "Name/version of the step", "schema": _TEXT},
    "Retusche-Verdict": {
        "description": "The report's verdict, where the step gives one",
        "schema": _TEXT,
    },
    "Retusche-Messages": {
        "description": "Codes of the report's messages, by commas",
        "schema": _TEXT,
    },
    "WWW-Authenticate": {"description": "What would be taken (RFC 6750)", "schema": _TEXT},
    "Server-Timing": {"description": "Milliseconds by phase", "schema": _TEXT},
}
"""Response headers by name: `components/headers` of the document."""


def reads(*names: str) -> dict[str, Any]:
    """Return the `openapi_extra` of a route that reads these request headers."""
    return {"parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names]}


def writes(*names: str) -> dict[str, Any]:
    """Return the `headers` of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def parameters() -> dict[str, Any]:
    """Return `components/parameters`."""
    return {name: {"name": name, "in": "header"} | known for name, known in PARAMETERS.items()}
