"""What a service says when it refuses (RFC 9457), as an error that a node shows.

ServiceError
├── Refused           the service answered, and refused
├── Unreachable       it did not answer
├── TimedOut          the node's own time was over
└── WorkFailed        the job ended without a result
"""

from collections.abc import Mapping
from typing import Any

RETRYABLE_STATUSES = (429, 502, 503, 504)
"""What proxies answer too, without a problem document; a retry may succeed."""


class ServiceError(Exception):
    """The work could not be done; the message is for the person at the node."""

    retryable = False
    """Whether the same call may succeed later."""
    retry_after: float | None = None
    """Seconds to wait before, where the service said so."""


class Refused(ServiceError):
    """The service answered with an error."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None) -> None:
        """Keep what the service said.

        Args:
            status: of the answer.
            problem: the problem document; empty where the answer was none.
            retry_after: seconds, from `Retry-After`.
        """
        self.status = status
        self.code = str(problem.get("code", ""))
        self.retryable = bool(problem.get("retryable", status in RETRYABLE_STATUSES))
        self.retry_after = retry_after
        super().__init__(_sentence(status, problem))


class Unreachable(ServiceError):
    """No answer came."""

    retryable = True


class TimedOut(ServiceError):
    """The node's own time-out; the remote job was cancelled."""


class WorkFailed(ServiceError):
    """The job ended FAILED or CANCELLED."""

    def __init__(self, message: str, code: str = "") -> None:
        """Keep the code of the first item that failed."""
        super().__init__(message)
        self.code = code


def _sentence(status: int, problem: Mapping[str, Any]) -> str:
    detail = problem.get("detail") or problem.get("title") or "no reason given"
    fields = "".join(
        f"\n  {fault.get('pointer', '?')}: {fault.get('detail', '')}"
        for fault in problem.get("errors", ())
        if isinstance(fault, Mapping) and str(fault.get("detail")) not in str(detail)
    )
    mark = ", ".join(
        text
        for text in (
            str(status),
            str(problem.get("code", "")),
            f"trace {problem['traceId']}" if problem.get("traceId") else "",
        )
        if text
    )
    return f"the service refused: {detail} ({mark}){fields}"
