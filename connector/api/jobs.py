"""`/v1/jobs`: create, list, show, items."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from connector.api import json_bodies, shown, views
from connector.api.door import TRACE_PARENT
from connector.api.openapi import (
    CREATION,
    DATABASE,
    READING,
    job_body,
    job_responses,
    problems,
    reads,
)
from connector.api.preferences import applied, idempotency_key, wait_of
from connector.api.problems import ApiError
from connector.api.spool import Spooled, spooled
from connector.jobs import read
from connector.jobs.create import Created, IdempotencyKey
from connector.jobs.states import Status
from connector.jobs.views import JobView
from connector.service import Here, Reader, Runner, Service
from connector.submit.requests import PLAIN
from connector.submit.submission import submit

router = APIRouter(tags=["jobs"])

MOST = 1000
"""Jobs or items of one page."""

Cursor = Annotated[
    str | None, Query(pattern="^[0-9A-Z]{1,26}$", description="`next` of the page before")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most entries of a page")]


@router.post(
    "/v1/jobs",
    operation_id="create_job",
    status_code=202,
    response_class=Response,
    responses={
        **job_responses(200, 202),
        **problems(*READING, *CREATION, *DATABASE),
    },
    openapi_extra=job_body(),
)
async def create_job(request: Request, service: Here, client: Runner) -> Response:
    """Create a job: any number of items that run through the same chain of steps.

    With `Prefer: wait=N` (60 s at most) the answer waits for the end, and is 200 if it came. With
    `Idempotency-Key` (kept for 24 h) the same call again gets the same job.
    """
    json_bodies.require(request)
    wait = wait_of(request)
    async with spooled(request) as body:
        key = idempotency_key(request, body.sha256)
        made = await run_in_threadpool(_create, service, request, client, body, key)
    if wait is not None:
        await service.hub.ended(made.job_id, wait)
    return await run_in_threadpool(
        shown.job, service, request, client, made.job_id, status=202, headers=applied(wait)
    )


def _create(
    service: Service,
    request: Request,
    client: str,
    body: Spooled,
    key: IdempotencyKey | None,
) -> Created:
    bases = tuple({service.base_url(request), str(request.base_url).rstrip("/")})
    return submit(
        service,
        client,
        _parsed(body),
        bases=bases,
        key=key,
        trace_parent=request.scope[TRACE_PARENT],
    )


def _parsed(body: Spooled) -> dict[str, Any]:
    given = json_bodies.parse(body.read(), "the body")
    if not isinstance(given, dict):
        raise ApiError("request-invalid", "the body must be a JSON object")
    return given


@router.get("/v1/jobs", operation_id="list_jobs", responses=problems("request-invalid", *DATABASE))
def list_jobs(
    request: Request,
    service: Here,
    client: Reader,
    cursor: Cursor = None,
    limit: Limit = 50,
    status: Annotated[Status | None, Query(description="Only jobs in this state")] = None,
    correlation: Annotated[
        str | None, Query(pattern=PLAIN, description="Only jobs with this mark")
    ] = None,
) -> views.JobPage:
    """List one's own jobs, newest first."""

    def look(tx: Connection) -> tuple[list[JobView], dict[str, int]]:
        found = read.jobs_of(
            tx,
            client,
            before=cursor,
            limit=limit + 1,
            status=status,
            correlation=correlation,
        )
        return found, read.most_attempts(tx, [each.id for each in found[:limit]])

    found, attempts = service.database.read(look)
    page, links = found[:limit], service.links(request)
    return views.JobPage(
        jobs=tuple(views.listed(each, attempts.get(each.id, 0), links) for each in page),
        next=page[-1].id if len(found) > limit else None,
    )


@router.get(
    "/v1/jobs/{job_id}",
    operation_id="get_job",
    response_class=Response,
    responses={**job_responses(200), **problems("not-found", *DATABASE)},
    openapi_extra=reads("Prefer"),
)
async def get_job(job_id: str, request: Request, service: Here, client: Reader) -> Response:
    """Show a job with its first hundred items. With `Prefer: wait=N` the answer waits for its end."""
    wait = wait_of(request)
    if wait is not None:
        await service.read(lambda tx: read.job(tx, client, job_id))  # whose is it?
        await service.hub.ended(job_id, wait)
    return await run_in_threadpool(
        shown.job, service, request, client, job_id, headers=applied(wait)
    )


@router.get(
    "/v1/jobs/{job_id}/items",
    operation_id="list_items",
    responses=problems("not-found", "request-invalid", *DATABASE),
)
def list_items(
    job_id: str,
    request: Request,
    service: Here,
    client: Reader,
    cursor: Cursor = None,
    limit: Limit = 100,
    status: Annotated[Status | None, Query(description="Only items in this state")] = None,
) -> views.ItemPage:
    """List the items of a job with their results, in the caller's order."""
    after = _ordinal(cursor)
    job, found = service.database.read(
        lambda tx: (
            read.job(tx, client, job_id),
            read.items_of(tx, job_id, after=after, limit=limit + 1, status=status),
        )
    )
    page, links = found[:limit], service.links(request)
    return views.ItemPage(
        items=tuple(views.item(each, job, links) for each in page),
        next=str(page[-1].ordinal) if len(found) > limit else None,
    )


def _ordinal(cursor: str | None) -> int:
    if cursor is None:
        return -1
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        detail = "no cursor of this list; accepted: `next` of an earlier page"
        raise ApiError("request-invalid", f"cursor: {detail}", errors=(("cursor", detail),))
    return int(cursor)
