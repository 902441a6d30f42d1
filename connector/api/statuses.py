"""The one table from error codes to HTTP: status, title, and when to come again.

The codes of `steps.errors`, of the connector's own `errors` modules, and of HTTP itself. Steps know no
statuses; the API names a code and looks here. A code that is missing here is a bug that a test finds.
"""

from dataclasses import dataclass

RETRYABLE_CODES = frozenset({"storage-unavailable", "worker-lost", "out-of-memory"})
"""Retryable whatever their status: the contract names them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a code means to an HTTP client."""

    status: int
    title: str
    retry_after: int | None = None
    """Seconds until a new attempt is worth while; None where it is not."""


FAULTS: dict[str, Fault] = {
    # The request's form
    "body-malformed": Fault(400, "The request's body cannot be read"),
    "http-malformed": Fault(400, "This is no HTTP request"),
    "host-refused": Fault(400, "The Host header names another host"),
    "link-invalid": Fault(403, "The link is not one of this service"),
    "file-missing": Fault(404, "There is no such file"),
    "not-found": Fault(404, "There is nothing at this address"),
    "step-unknown": Fault(404, "There is no such step"),
    "method-not-allowed": Fault(405, "This address does not take this method"),
    "not-acceptable": Fault(406, "None of the accepted media types can be given"),
    "body-stalled": Fault(408, "The request's body did not come"),
    "conflict": Fault(409, "The state does not allow it"),
    "link-expired": Fault(410, "The link has expired"),
    "body-too-large": Fault(413, "The request's body is too large"),
    "file-too-large": Fault(413, "The file is too large"),
    "image-too-large": Fault(413, "The picture is too large"),
    "too-many-items": Fault(413, "The job has too many items"),
    "image-unsupported": Fault(415, "No step takes pictures of this kind"),
    "media-type-unsupported": Fault(415, "The body's media type is not taken here"),
    "range-unsatisfiable": Fault(416, "The file has no such bytes"),
    # Who calls, and how much
    "unauthenticated": Fault(401, "It is not known who calls"),
    "token-invalid": Fault(401, "The key or token opens nothing here"),
    "scope-missing": Fault(403, "The caller may not do this"),
    "quota-exceeded": Fault(429, "The client's files take all of its space", retry_after=60),
    "rate-limited": Fault(429, "Too many requests", retry_after=1),
    # The request's content
    "backend-unavailable": Fault(422, "The backend cannot be used here"),
    "idempotency-key-reused": Fault(422, "The idempotency key was used with another request"),
    "image-undecodable": Fault(422, "The picture cannot be decoded"),
    "item-invalid": Fault(422, "The parts do not fit the step"),
    "job-invalid": Fault(422, "The job cannot be made as asked"),
    "parameters-invalid": Fault(422, "The parameters do not fit the step"),
    "request-invalid": Fault(422, "The request does not fit its schema"),
    "residual-detections": Fault(422, "Something to remove is still seen in the result"),
    "source-unreachable": Fault(422, "A source cannot be fetched"),
    "queue-full": Fault(429, "Too many items of this client wait already", retry_after=10),
    # The service
    "file-damaged": Fault(500, "A stored file is damaged"),
    "internal-error": Fault(500, "The service failed"),
    "step-failed": Fault(500, "The step failed"),
    "weights-invalid": Fault(500, "A weights file is damaged"),
    "backend-unreachable": Fault(503, "The backend's server cannot be reached", retry_after=10),
    "cancelled": Fault(503, "The work was stopped", retry_after=5),
    "deadline-exceeded": Fault(503, "No result in time", retry_after=30),
    "issuer-unreachable": Fault(503, "Tokens cannot be checked now", retry_after=10),
    "not-ready": Fault(503, "The service is not ready", retry_after=5),
    "out-of-memory": Fault(503, "Memory ran out", retry_after=10),
    "shutting-down": Fault(503, "The service is shutting down", retry_after=5),
    "storage-unavailable": Fault(503, "The storage cannot be reached", retry_after=10),
    "weights-missing": Fault(503, "A weights file is missing", retry_after=30),
    "worker-lost": Fault(503, "The worker died in the middle of the work", retry_after=1),
}

BY_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "media-type-unsupported",
    422: "request-invalid",
    500: "internal-error",
    503: "not-ready",
}
"""Code of a status that a library chose (an unknown route, say); others count as a malformed request."""


def is_retryable(code: str) -> bool:
    """Say whether the same call may succeed later without a change."""
    return code in RETRYABLE_CODES or FAULTS[code].status in (429, 503)
