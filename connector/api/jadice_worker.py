"""A step as a worker of jadice flow. Experimental: what a controller sends to a worker is not published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from connector.api import json_bodies
from connector.api.door import TRACE_PARENT
from connector.api.json_bodies import JSON
from connector.api.leaving import CLIENT_GONE, abandon, unless_client_leaves
from connector.api.openapi import CREATION, DATABASE, READING, WORK, problems
from connector.api.openapi.schemas import to
from connector.api.problems import ApiError, failure
from connector.api.spool import Spooled, spooled
from connector.jadice import requests
from connector.jadice.parameters import parameters_of
from connector.jadice.requests import Translated
from connector.jadice.results import worked_item
from connector.jadice.shapes import WorkerAnswer, WorkerItem
from connector.jobs import read
from connector.jobs.states import Status
from connector.service import Here, Runner, Service
from connector.submit.rejected import Rejected, at
from connector.submit.submission import submit
from steps import validation
from steps.contract import AnyStep
from steps.errors import InvalidParameters

router = APIRouter(tags=["jadice flow"])

MOST_ITEMS = 100
"""Items of one call: they are answered together, within one time limit."""
_ITEM = to(WorkerItem.__name__)
_ITEMS = {"type": "array", "items": _ITEM, "minItems": 1, "maxItems": MOST_ITEMS}
_BODY = {"required": True, "content": {JSON: {"schema": {"anyOf": [_ITEM, _ITEMS]}}}}


@dataclass(frozen=True, kw_only=True)
class _Call:
    """What came: items as JSON, and as we understand them."""

    raw: list[dict[str, Any]]
    is_list: bool
    translated: Translated


@router.post(
    "/jadice/{step}",
    operation_id="run_flow_item",
    summary="Work on an item as a worker of jadice flow (experimental)",
    response_model=WorkerAnswer | list[WorkerAnswer],
    responses=problems("step-unknown", *READING, *CREATION, *WORK, *DATABASE),
    openapi_extra={"x-experimental": True, "requestBody": _BODY},
)
async def work(step: str, request: Request, service: Here, client: Runner) -> Response:
    """Work on an item, or on a list of them, and answer with it when it is done.

    **Experimental**: items and parts have their published form; that a controller sends just these, and the
    step's parameters beside them, is an assumption. Parameters may also stand in the query, as in workerURL. All
    of it may be text; the step's schema says what it means. A failure is an HTTP error. When no result comes
    within the service's time limit, or the caller leaves, the work is stopped.
    """
    found = service.registry.get(step)
    json_bodies.require(request)
    async with spooled(request) as body:
        call = await run_in_threadpool(_understood, found, request, body)
    job_id = await run_in_threadpool(_submitted, service, request, client, call)
    waiting = service.hub.ended(job_id, service.settings.run_timeout_seconds, patient=True)
    if await unless_client_leaves(request, waiting) is None:
        await run_in_threadpool(abandon, service, client, job_id)
        return Response(status_code=CLIENT_GONE)
    return await run_in_threadpool(_answer, service, request, client, call, job_id)


def _understood(step: AnyStep, request: Request, body: Spooled) -> _Call:
    given = json_bodies.parse(body.read(), "the body")
    is_list = isinstance(given, list)
    raw: list[Any] = given if isinstance(given, list) else [given]
    if not 1 <= len(raw) <= MOST_ITEMS:
        raise ApiError(
            "request-invalid", f"the list has {len(raw)} items; accepted: 1 to {MOST_ITEMS}"
        )
    try:
        items = [_item(each, index) for index, each in enumerate(raw)]
        parameters = parameters_of(step, request.query_params.multi_items(), items)
        head = {"steps": [{"step": step.name, "parameters": parameters}]}
        return _Call(raw=raw, is_list=is_list, translated=requests.translated(items, head))
    except Rejected as error:
        raise _at_item(error, is_list) from None


def _item(given: object, index: int) -> WorkerItem:
    if not isinstance(given, dict):
        raise at(f"/items/{index}", "must be a JSON object with `parts`")
    try:
        return validation.validate(WorkerItem, given)
    except InvalidParameters as error:
        errors = tuple((f"/items/{index}{pointer}", detail) for pointer, detail in error.errors)
        raise Rejected("request-invalid", error.detail, errors=errors) from None


def _at_item(error: Rejected, is_list: bool) -> Rejected:
    """Return an error whose pointers lie in the body: an item, or a list of them."""
    prefix = "/items" if is_list else "/items/0"
    errors = tuple((pointer.removeprefix(prefix), detail) for pointer, detail in error.errors)
    return Rejected(error.code, error.detail.replace(prefix, ""), errors=errors)


def _submitted(service: Service, request: Request, client: str, call: _Call) -> str:
    bases = tuple({service.base_url(request), str(request.base_url).rstrip("/")})
    try:
        made = submit(
            service,
            client,
            call.translated.request,
            bases=bases,
            trace_parent=request.scope[TRACE_PARENT],
        )
    except Rejected as error:
        own = call.translated.rejected(error, ("/steps/0/parameters", "/parameters"))
        raise _at_item(own, call.is_list) from None
    return made.job_id


def _answer(service: Service, request: Request, client: str, call: _Call, job_id: str) -> Response:
    job, items = service.database.read(
        lambda tx: (read.job(tx, client, job_id), read.items_of(tx, job_id, limit=MOST_ITEMS))
    )
    if not job.ended:
        abandon(service, client, job_id)
        limit = service.settings.run_timeout_seconds
        detail = f"no result within {limit:g} seconds; the work was stopped"
        raise ApiError("deadline-exceeded", detail, job_id=job_id)
    for item in items:
        if item.error is not None:
            raise failure(item.error, job_id)
    if job.status is Status.CANCELLED:
        raise ApiError("cancelled", "the job was cancelled", job_id=job_id)
    links = service.links(request)
    places: Sequence[Sequence[int]] = call.translated.places
    answers = [
        worked_item(raw, place, item, job, links)
        for raw, place, item in zip(call.raw, places, items, strict=True)
    ]
    content = answers if call.is_list else answers[0]
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
