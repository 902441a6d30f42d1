"""What a problem must look like, whoever raised it."""

from typing import Any

import httpx

from connector.api.statuses import FAULTS, is_retryable


def problem(answer: httpx.Response, code: str) -> dict[str, Any]:
    """Check that the answer is a whole problem of this code, and return it."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["status"] == answer.status_code == FAULTS[code].status
    assert body["type"] == f"urn:retusche:problem:{code}"
    assert body["title"] == FAULTS[code].title
    assert body["detail"]
    assert body["instance"] == answer.request.url.path
    assert body["retryable"] is is_retryable(code)
    assert body["traceId"] == answer.headers["retusche-trace-id"]
    assert ("retry-after" in answer.headers) is body["retryable"]
    assert set(body) == {
        "type", "title", "status", "detail", "instance", "code", "retryable", "jobId", "traceId", "errors",
    }  # fmt: skip
    return body


def pointers(body: dict[str, Any]) -> list[str]:
    """Return where the faults lie."""
    return [error["pointer"] for error in body["errors"]]
