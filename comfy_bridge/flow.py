"""A client of a jadice flow controller, over its published REST (documentation of jadice flow 1.3.2).

A controller takes addresses, not bytes; its workers fetch them. It publishes no way to cancel a job. Published of
the states are FINISHED and the beginning; the other ends are Spring Batch's, on which its executions are built.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

FAILED = frozenset({"FAILED", "STOPPED", "ABANDONED", "CANCELLED"})
"""Ends without a result."""
FINISHED = "FINISHED"
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between two questions for a job's state; each is half as long again as the one before."""
PATIENCE = 30.0
"""Seconds that a controller may be away while its job is waited for."""
_EXCERPT = 300


class FlowError(Exception):
    """The controller cannot do it; says why. Base of the others."""


class FlowUnreachable(FlowError):
    """No answer, or a gateway's; a later call may succeed."""


class FlowRefused(FlowError):
    """The controller does not take the call."""


class FlowJobFailed(FlowError):
    """The job ended without a result, or not in time."""


@dataclass(frozen=True)
class FlowPart:
    """One data stream of an item, by address."""

    url: str
    filename: str
    mime_type: str = "application/octet-stream"
    type: str = "BASE_PART"
    """BASE_PART is worked on, META is carried through."""


@dataclass(frozen=True)
class FlowJob:
    """A job of the controller."""

    number: int
    """Its jobExecutionID."""
    status: str
    trace_id: str = ""


class FlowController:
    """Calls of one controller."""

    def __init__(self, http: httpx.Client) -> None:
        """Keep the connection; see `connected`."""
        self._http = http

    def template_names(self) -> tuple[str, ...]:
        """Return the names of the job templates.

        Raises:
            FlowUnreachable, FlowRefused: as every call.
        """
        names = self._json("GET", "/job/template-names")
        if not isinstance(names, list):
            raise FlowRefused(f"the controller's template names are no list: {names!r:.{_EXCERPT}}")
        return tuple(str(name) for name in names)

    def create(
        self, template: str, items: Sequence[Sequence[FlowPart]], priority: int = 0
    ) -> FlowJob:
        """Create a job.

        A lost answer is not asked for again, since the job may have been created.

        Args:
            template: name of a job template.
            items: the parts of each.
            priority: higher first.
        """
        request = {
            "jobTemplateName": template,
            "priority": priority,
            "items": [{"parts": [_as_json(part) for part in parts]} for parts in items],
        }
        return _job(self._json("POST", "/job/create", json=request))

    def state(self, number: int) -> FlowJob:
        """Return a job as it is now."""
        return _job(self._json("GET", f"/job/execution/{number}"))

    def result(self, number: int) -> tuple[FlowPart, ...]:
        """Return the parts that a finished job made."""
        parts = self._json("GET", f"/job/result/{number}")
        if not isinstance(parts, list):
            raise FlowRefused(f"the result of job {number} is no list: {parts!r:.{_EXCERPT}}")
        return tuple(_part(part) for part in parts if isinstance(part, dict) and part.get("url"))

    def wait(
        self,
        number: int,
        seconds: float,
        tell: Callable[[FlowJob], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> FlowJob:
        """Wait until a job is finished; a controller that is away for a moment is asked again.

        Args:
            number: of the job.
            seconds: to wait at most.
            tell: takes every state that is seen; what it raises ends the wait.
            sleep: waits.

        Raises:
            FlowJobFailed: it ended otherwise, or not in time; it goes on at the controller.
            FlowUnreachable: the controller is away for longer than `PATIENCE`.
        """
        until, pause = time.monotonic() + seconds, FIRST_PAUSE
        heard = time.monotonic()
        while True:
            try:
                job = self.state(number)
            except FlowUnreachable:
                if time.monotonic() - heard > PATIENCE:
                    raise
            else:
                heard = time.monotonic()
                tell(job)
                if job.status == FINISHED:
                    return job
                if job.status in FAILED:
                    trace = f", trace {job.trace_id}" if job.trace_id else ""
                    raise FlowJobFailed(f"flow's job {number} ended {job.status}{trace}")
            if time.monotonic() > until:
                raise FlowJobFailed(
                    f"flow's job {number} has not ended within {seconds:g} s; it goes on there"
                )
            sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)

    def _json(self, method: str, path: str, **content: Any) -> Any:
        try:
            answer = self._http.request(method, path, **content)
        except httpx.TransportError as error:
            raise FlowUnreachable(f"the controller does not answer: {error}") from error
        if answer.status_code in (429, 502, 503, 504):
            raise FlowUnreachable(f"the controller answers {answer.status_code}")
        if not answer.is_success:
            said = answer.text[:_EXCERPT]
            raise FlowRefused(f"the controller answers {answer.status_code} to {path}: {said}")
        try:
            return answer.json()
        except ValueError as error:
            raise FlowRefused(f"the controller's answer to {path} is no JSON") from error


@contextmanager
def connected(url: str, token: str = "", timeout: float = 30.0) -> Iterator[FlowController]:
    """Open a controller.

    Args:
        url: base address.
        token: bearer token, where Keycloak is on.
        timeout: seconds of each call.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=url, headers=headers, timeout=timeout) as http:
        yield FlowController(http)


def _as_json(part: FlowPart) -> dict[str, str]:
    return {
        "url": part.url,
        "filename": part.filename,
        "type": part.type,
        "mimeType": part.mime_type,
    }


def _part(given: dict[str, Any]) -> FlowPart:
    return FlowPart(
        url=str(given["url"]),
        filename=str(given.get("filename") or ""),
        mime_type=str(given.get("mimeType") or "application/octet-stream"),
        type=str(given.get("type") or "BASE_PART"),
    )


def _job(given: Any) -> FlowJob:
    if not isinstance(given, dict) or not isinstance(given.get("jobExecutionID"), int):
        raise FlowRefused(f"the controller's answer names no job: {given!r:.{_EXCERPT}}")
    return FlowJob(
        given["jobExecutionID"], str(given.get("status", "")), str(given.get("traceID") or "")
    )
