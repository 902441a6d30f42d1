"""Every error is an `application/problem+json` (RFC 9457), whoever raised it."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from connector import logs
from connector.api.statuses import BY_STATUS, FAULTS, is_retryable
from connector.runner.errors import RunnerError
from connector.runner.messages import Failed
from steps.contract import Wire
from steps.errors import InvalidParameters, StepError

MEDIA_TYPE = "application/problem+json"

CODE = "retusche.code"
"""Key of the problem's code in the ASGI scope, for the log."""

Errors = tuple[tuple[str, str], ...]
"""Faults of single fields: (JSON pointer into the request, detail)."""


class FieldError(Wire):
    """What is wrong with one field."""

    pointer: str
    """JSON pointer into the request, e.g. "/parameters/threshold"; a header or a query name as it is written."""
    detail: str
    """What is wrong, and what would be accepted."""


class Problem(Wire):
    """An error (RFC 9457)."""

    type: str
    """URN of the kind of error; it ends with `code`."""
    title: str
    status: int
    detail: str
    """What went wrong this time."""
    instance: str
    """Path of the request."""
    code: str
    """Stable name for programs."""
    retryable: bool
    """Whether the same call may succeed later without a change."""
    trace_id: str
    """Finds this request in the service's log; from `traceparent` if the caller sent one."""
    errors: tuple[FieldError, ...] = ()


class ApiError(Exception):
    """An error that the API itself found, by its code in `statuses`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Errors = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the problem will say."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers


def problem_response(
    scope: Scope,
    code: str,
    detail: str,
    errors: Errors = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer for a code of `statuses`."""
    fault = FAULTS[code]
    scope[CODE] = code
    problem = Problem(
        type=f"urn:retusche:problem:{code}",
        title=fault.title,
        status=fault.status,
        detail=detail,
        instance=scope.get("path", ""),
        code=code,
        retryable=is_retryable(code),
        trace_id=logs.trace_id.get(),
        errors=tuple(FieldError(pointer=pointer, detail=text) for pointer, text in errors),
    )
    all_headers = dict(headers or {})
    if fault.retry_after is not None:
        all_headers["Retry-After"] = str(fault.retry_after)
    content = problem.model_dump_json(by_alias=True)
    return Response(content, fault.status, headers=all_headers, media_type=MEDIA_TYPE)


def failure(failed: Failed) -> ApiError:
    """Turn the message of a failed run into an error; pointers then lie in the request."""
    errors = tuple((parameter_pointer(pointer), detail) for pointer, detail in failed.errors)
    if not errors and failed.pointer:
        at_parameter = failed.code in (InvalidParameters.code, "backend-unavailable")
        pointer = parameter_pointer(failed.pointer) if at_parameter else failed.pointer
        errors = ((pointer, failed.detail),)
    return ApiError(failed.code, failed.detail, errors=errors)


def parameter_pointer(pointer: str) -> str:
    """Return the pointer into the request of a pointer into the parameters; `output` stands beside them."""
    if pointer.startswith("/output/"):
        return pointer
    return "/parameters/" + pointer.removeprefix("/") if pointer.strip("/") else "/parameters"


async def _api_error(request: Request, error: Any) -> Response:
    return problem_response(request.scope, error.code, error.detail, error.errors, error.headers)


async def _step_error(request: Request, error: Any) -> Response:
    return await _api_error(request, failure(Failed.of(error)))


async def _runner_error(request: Request, error: Any) -> Response:
    return problem_response(request.scope, error.code, error.detail)


async def _http_exception(request: Request, error: Any) -> Response:
    code = BY_STATUS.get(error.status_code, "body-malformed")
    detail = str(error.detail)
    if code == "not-found":
        detail = f"there is nothing at {request.url.path}; the steps are at /v1/steps"
    elif code == "method-not-allowed":
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"{request.url.path} does not take {request.method}; accepted: {allowed}"
    return problem_response(request.scope, code, detail, headers=error.headers)


def install(app: FastAPI) -> None:
    """Make the app answer every expected error as a problem; `door.Trace` answers the others."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(StepError, _step_error)
    app.add_exception_handler(RunnerError, _runner_error)
    app.add_exception_handler(HTTPException, _http_exception)
