"""Every error is an `application/problem+json` (RFC 9457), whoever raised it."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from connector import logs
from connector.api.statuses import BY_STATUS, FAULTS, is_retryable
from connector.jobs.errors import JobError
from connector.jobs.views import ItemError
from connector.storage.errors import StorageError
from connector.submit.rejected import Errors, Rejected
from steps import validation
from steps.contract import Wire
from steps.errors import InvalidParameters, StepError

MEDIA_TYPE = "application/problem+json"

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
CODE = "retusche.code"
"""Key of the problem's code in the ASGI scope, for the log."""


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
    job_id: str | None = None
    """The job that this is about, where there is one."""
    trace_id: str
    """Finds this request in the service's log; from `traceparent` if the caller sent one."""
    errors: tuple[FieldError, ...] = ()


class ApiError(Rejected):
    """An error that the API itself found, by its code in `statuses`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Errors = (),
        headers: Mapping[str, str] | None = None,
        job_id: str | None = None,
    ) -> None:
        """Keep what the problem will say."""
        super().__init__(code, detail, errors=errors)
        self.headers = headers
        self.job_id = job_id


def problem_response(
    scope: Scope,
    code: str,
    detail: str,
    errors: Errors = (),
    headers: Mapping[str, str] | None = None,
    job_id: str | None = None,
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
        job_id=job_id,
        trace_id=logs.trace_id.get(),
        errors=tuple(FieldError(pointer=pointer, detail=text) for pointer, text in errors),
    )
    all_headers = dict(headers or {})
    if fault.retry_after is not None:
        all_headers.setdefault("Retry-After", str(fault.retry_after))
    content = problem.model_dump_json(by_alias=True)
    return Response(content, fault.status, headers=all_headers, media_type=MEDIA_TYPE)


def failure(failed: ItemError, job_id: str | None = None) -> ApiError:
    """Turn the failure of a run into an error; pointers then lie in the request."""
    errors = tuple((parameter_pointer(pointer), detail) for pointer, detail in failed.fields)
    if not errors and failed.pointer:
        at_parameter = failed.code in (InvalidParameters.code, "backend-unavailable")
        pointer = parameter_pointer(failed.pointer) if at_parameter else failed.pointer
        errors = ((pointer, failed.detail),)
    code = failed.code if failed.code in FAULTS else StepError.code  # a plug-in's own code
    return ApiError(code, failed.detail, errors=errors, job_id=job_id)


def parameter_pointer(pointer: str) -> str:
    """Return the pointer into the request of a pointer into the parameters; `output` stands beside them."""
    if pointer.startswith("/output/"):
        return pointer
    return "/parameters/" + pointer.removeprefix("/") if pointer.strip("/") else "/parameters"


async def _rejected(request: Request, error: Any) -> Response:
    headers, job_id = getattr(error, "headers", None), getattr(error, "job_id", None)
    return problem_response(request.scope, error.code, error.detail, error.errors, headers, job_id)


async def _step_error(request: Request, error: Any) -> Response:
    fields = error.errors if isinstance(error, InvalidParameters) else ()
    failed = ItemError(code=error.code, detail=error.detail, pointer=error.pointer, fields=fields)
    return await _rejected(request, failure(failed))


async def _job_error(request: Request, error: Any) -> Response:
    errors = ((error.pointer, error.detail),) if error.pointer else ()
    job_id = request.path_params.get("job_id")
    return problem_response(request.scope, error.code, error.detail, errors, job_id=job_id)


async def _storage_error(request: Request, error: Any) -> Response:
    return problem_response(request.scope, error.code, error.detail)


async def _pool_timeout(request: Request, _: Any) -> Response:
    detail = "every connection to the database is busy"
    return problem_response(request.scope, "storage-unavailable", detail)


async def _query_invalid(request: Request, error: Any) -> Response:
    """Answer for a field of the query or the path that does not fit its type."""
    errors = tuple(
        (validation.pointer(fault["loc"][1:]).removeprefix("/"), fault["msg"])
        for fault in error.errors()
    )
    detail = "; ".join(f"{name}: {text}" for name, text in errors)
    return problem_response(request.scope, "request-invalid", detail, errors)


async def _http_exception(request: Request, error: Any) -> Response:
    code = BY_STATUS.get(error.status_code, "body-malformed")
    detail = str(error.detail)
    if code == "not-found":
        detail = f"there is nothing at {request.url.path}; the steps are at /v1/steps"
    elif code == "method-not-allowed":
        allowed = ", ".join(_methods(request))
        detail = f"{request.url.path} does not take {request.method}; accepted: {allowed}"
        return problem_response(request.scope, code, detail, headers={"Allow": allowed})
    return problem_response(request.scope, code, detail, headers=error.headers)


def _methods(request: Request) -> list[str]:
    """Return what the address takes, by all of its routes; the router itself names those of one."""
    scopes = {method: dict(request.scope) | {"method": method} for method in METHODS}
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


def install(app: FastAPI) -> None:
    """Make the app answer every expected error as a problem; `door.Trace` answers the others."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(StepError, _step_error)
    app.add_exception_handler(JobError, _job_error)
    app.add_exception_handler(StorageError, _storage_error)
    app.add_exception_handler(PoolTimeout, _pool_timeout)
    app.add_exception_handler(RequestValidationError, _query_invalid)
    app.add_exception_handler(HTTPException, _http_exception)
