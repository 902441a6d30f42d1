"""Answers that show a job."""

from collections.abc import Mapping, Sequence

from fastapi import Request
from starlette.responses import Response

from connector.api import views
from connector.jobs import read
from connector.jobs.views import ItemView, JobView
from connector.service import Service

RETRY_AFTER = "1"
"""Seconds until it is worth while to ask for a job again."""


def job(
    service: Service,
    request: Request,
    client: str,
    job_id: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a job as it stands; 202 becomes 200 if it has ended. Not for the event loop.

    Raises:
        JobNotFound: the client has no such job.
    """
    view, items = service.database.read(
        lambda tx: (
            read.job(tx, client, job_id),
            read.items_of(tx, job_id, limit=views.INLINE_ITEMS),
        )
    )
    return _shown(service, request, view, items, status, dict(headers or {}))


def accepted(
    service: Service, request: Request, view: JobView, items: Sequence[ItemView]
) -> Response:
    """Return 202 with a job that goes on."""
    return _shown(service, request, view, items, 202, {})


def _shown(
    service: Service,
    request: Request,
    view: JobView,
    items: Sequence[ItemView],
    status: int,
    headers: dict[str, str],
) -> Response:
    links = service.links(request)
    answer = views.job(view, items, links)
    headers["Cache-Control"] = "no-store"
    if status == 202:
        headers["Location"] = links.to(f"/v1/jobs/{view.id}")
        if view.ended:
            status = 200
        else:
            headers["Retry-After"] = RETRY_AFTER
    content = answer.model_dump_json(by_alias=True)
    return Response(content, status, headers=headers, media_type="application/json")
