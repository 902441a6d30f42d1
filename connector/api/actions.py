"""What a job's owner can do to it: cancel, retry, delete; and send its callbacks again."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from connector.api import shown
from connector.api.openapi import DATABASE, job_responses, problems
from connector.api.views import when
from connector.jobs import cancel, filed, purge, read, redeliver, retry, waiting
from connector.jobs.views import DeliveryView
from connector.service import Canceller, Here, Reader, Service
from steps.contract import Wire

router = APIRouter(tags=["jobs"])


class AttemptAnswer(Wire):
    """One attempt to deliver a callback."""

    number: int
    at: datetime
    seconds: float
    """How long it took."""
    status: int | None
    """HTTP status; null where no answer came."""
    error: str | None
    """Why no answer came, or the beginning of one that was no success."""


class DeliveryAnswer(Wire):
    """A callback and what became of it."""

    id: str
    """`webhook-id`, the same at every attempt."""
    type: str
    url: str
    status: Literal["PENDING", "DELIVERED", "FAILED"]
    created_at: datetime
    finished_at: datetime | None
    next_attempt_at: datetime | None
    """Null when there is none any more."""
    attempts: tuple[AttemptAnswer, ...]


class DeliveryList(Wire):
    """Callbacks of a job, oldest first."""

    deliveries: Annotated[tuple[DeliveryAnswer, ...], Field()]


@router.post(
    "/v1/jobs/{job_id}/cancel",
    operation_id="cancel_job",
    status_code=202,
    response_class=Response,
    responses={**job_responses(200, 202), **problems("not-found", "conflict", *DATABASE)},
)
def cancel_job(job_id: str, request: Request, service: Here, client: Canceller) -> Response:
    """Cancel a job: what waits ends at once (200 if that was all), what runs is asked to stop (202)."""
    done = service.database.write(
        lambda tx: cancel.cancel(tx, client, job_id, service.now(), service.rules)
    )
    return shown.job(service, request, client, job_id, status=200 if done == "done" else 202)


@router.post(
    "/v1/jobs/{job_id}/retry",
    operation_id="retry_job",
    status_code=202,
    response_class=Response,
    responses={**job_responses(200, 202), **problems("not-found", "conflict", *DATABASE)},
)
def retry_job(job_id: str, request: Request, service: Here, client: Canceller) -> Response:
    """Run the failed items of a job again (202); 200 when they wait or run already."""
    now = service.now()
    count = service.database.write(lambda tx: retry.retry(tx, client, job_id, now, service.rules))
    if count:
        service.doorbell.ring(
            service.database.write(lambda tx: waiting.bells_of_job(tx, job_id, now))
        )
    return shown.job(service, request, client, job_id, status=202 if count else 200)


@router.delete(
    "/v1/jobs/{job_id}",
    operation_id="delete_job",
    status_code=204,
    responses=problems("not-found", "conflict", *DATABASE),
)
def delete_job(job_id: str, service: Here, client: Canceller) -> None:
    """Delete a job that has ended, and its files that nothing else uses, at once."""
    hashes = service.database.write(lambda tx: purge.purge(tx, client, job_id))
    sweep(service, hashes)


def sweep(service: Service, hashes: list[str]) -> None:
    """Delete those of these files that nothing refers to any more."""
    for start in range(0, len(hashes), filed.BATCH):
        some = hashes[start : start + filed.BATCH]
        service.database.write(
            lambda tx, some=some: filed.sweep(  # type: ignore[misc]
                tx, service.files.delete, service.now(), among=some
            )
        )


@router.get(
    "/v1/jobs/{job_id}/deliveries",
    operation_id="list_deliveries",
    responses=problems("not-found", *DATABASE),
)
def list_deliveries(job_id: str, service: Here, client: Reader) -> DeliveryList:
    """List the callbacks of a job, with every attempt to deliver them."""
    _, found = service.database.read(
        lambda tx: (read.job(tx, client, job_id), read.deliveries_of(tx, job_id))
    )
    return DeliveryList(deliveries=tuple(map(_delivery, found)))


@router.post(
    "/v1/jobs/{job_id}/deliveries/{delivery_id}/redeliver",
    operation_id="redeliver_callback",
    status_code=202,
    responses=problems("not-found", *DATABASE),
)
def redeliver_callback(
    job_id: str, delivery_id: str, service: Here, client: Canceller
) -> DeliveryAnswer:
    """Send a callback again, now; one that was given up gets one more attempt."""
    service.database.read(lambda tx: read.job(tx, client, job_id))  # whose is it?
    service.database.write(lambda tx: redeliver.redeliver(tx, job_id, delivery_id, service.now()))
    found = service.database.read(lambda tx: read.deliveries_of(tx, job_id))
    return _delivery(next(each for each in found if each.id == delivery_id))


def _delivery(view: DeliveryView) -> DeliveryAnswer:
    pending = view.status == "PENDING"
    return DeliveryAnswer.model_validate(
        {
            "id": view.id,
            "type": view.type,
            "url": view.url,
            "status": view.status,
            "created_at": when(view.created_at),
            "finished_at": when(view.finished_at),
            "next_attempt_at": when(view.next_at) if pending else None,
            "attempts": [
                {
                    "number": each.number,
                    "at": when(each.at),
                    "seconds": round(each.seconds, 3),
                    "status": each.status,
                    "error": each.error,
                }
                for each in view.attempts
            ],
        }
    )
