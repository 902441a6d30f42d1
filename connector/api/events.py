"""`GET /v1/jobs/{id}/events`: the event log of a job as server-sent events (WHATWG HTML, section 9.2)."""

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from connector.api.openapi import DATABASE, problems, reads, stream_responses
from connector.api.problems import ApiError
from connector.api.views import when
from connector.jobs import read
from connector.jobs.errors import JobNotFound
from connector.jobs.views import EventView
from connector.service import Here, Reader, Service

router = APIRouter(tags=["jobs"])

KEEP_ALIVE_SECONDS = 15.0
"""Between two comments on a silent stream: proxies cut connections that say nothing for a minute."""


@router.get(
    "/v1/jobs/{job_id}/events",
    operation_id="stream_events",
    response_class=Response,
    responses={**stream_responses(), **problems("not-found", "request-invalid", *DATABASE)},
    openapi_extra=reads("Last-Event-ID"),
)
async def stream_events(job_id: str, request: Request, service: Here, client: Reader) -> Response:
    """Stream what happens to a job, from its begin or from behind `Last-Event-ID`, until it has ended.

    An event's `id` is its number, `event` its type, `data` JSON. 204: it has ended and there is
    nothing new, so that a browser's EventSource does not come again.
    """
    after = _last_seen(request)
    job, first = await service.read(
        lambda tx: (read.job(tx, client, job_id), read.events_of(tx, job_id, after=after, limit=1))
    )
    if job.ended and not first:
        return Response(status_code=204)
    return StreamingResponse(
        _stream(service, client, job_id, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},  # nginx passes it on
    )


async def _stream(service: Service, client: str, job_id: str, after: int) -> AsyncIterator[str]:
    last = after
    while not service.hub.released:
        # The job is read first: what ended it stands in the log by then.
        try:
            job, found = await service.read(
                lambda tx: (read.job(tx, client, job_id), read.events_of(tx, job_id, after=last))  # noqa: B023 - awaited here
            )
        except JobNotFound:
            return  # deleted meanwhile
        for event in found:
            yield _written(job_id, event)
            last = event.id
        if found:
            continue
        if job.ended:
            return
        if not await service.hub.changed(job_id, last, KEEP_ALIVE_SECONDS):
            yield ": keep-alive\n\n"


def _written(job_id: str, event: EventView) -> str:
    at = when(event.at)
    data = {
        "type": event.type,
        "jobId": job_id,
        "itemId": event.item,
        "at": at.isoformat(timespec="milliseconds") if at else None,
        **event.data,
    }
    return f"id: {event.id}\nevent: {event.type}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _last_seen(request: Request) -> int:
    given = request.headers.get("last-event-id", "0").strip()
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        detail = "no number of an event; accepted: the `id` of the last event that was seen"
        raise ApiError(
            "request-invalid", f"Last-Event-ID: {detail}", errors=(("Last-Event-ID", detail),)
        )
    return int(given)
