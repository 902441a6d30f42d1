"""Jobs of a service: create, follow to the end, cancel, read what they gave.

The same calls whatever a job does; `work` turns pictures into one and back.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from .events import Event, events
from .problems import Refused, ServiceError, WorkFailed
from .session import Session, opened

LOG = logging.getLogger("retusche")

ENDED = ("FINISHED", "FAILED", "CANCELLED")
RETRYABLE = ("out-of-memory", "storage-unavailable", "worker-lost")
"""Failures of an item that the contract calls retryable."""
POLL_SECONDS = 20
"""How long one look at a job waits for its end, where the stream of events is gone."""
CANCEL_SECONDS = 10.0
PAGE = 1000
"""Items of one answer, at most."""


async def create(session: Session, request: Mapping[str, Any]) -> str:
    """Create a job and return its id. Cancelled in the middle, it leaves no job behind.

    Raises:
        Refused: the request is not accepted; the message names the field.
        Unreachable: the service does not answer.
    """
    key = {
        "Idempotency-Key": str(uuid.uuid4())
    }  # the call again finds the job that the first one made

    async def undo(own: Session) -> None:
        job = await own.json("POST", "/v1/jobs", body=request, headers=key)
        await _cancel(own, job["id"])

    try:
        return str((await session.json("POST", "/v1/jobs", body=request, headers=key))["id"])
    except asyncio.CancelledError:
        await _afterwards(session, undo)
        raise


async def finished(
    session: Session, job_id: str, heard: Callable[[Event], None]
) -> Mapping[str, Any]:
    """Follow a job to its end and return it; items that failed for a passing reason run again.

    Args:
        session: where it is.
        job_id: which.
        heard: gets every event.

    Raises:
        WorkFailed: it ended without a result.
    """
    attempt, after = 0, ""
    while True:
        job, after = await _ended(session, job_id, after, heard)
        if job["status"] == "FINISHED":
            return job
        error = job.get("error") or {}
        again = job["status"] == "FAILED" and error.get("code") in RETRYABLE
        if not again or attempt >= session.connection.retries:
            raise failure(job)
        await session.pause(attempt)
        await session.json("POST", f"/v1/jobs/{job_id}/retry")
        attempt += 1


async def cancel(session: Session, job_id: str) -> None:
    """Cancel a job, whatever becomes of the caller meanwhile. One that has ended stays as it is.

    That it could not be cancelled is logged: what stopped the work is the error to show.
    """
    await _afterwards(session, lambda own: _cancel(own, job_id))


async def items(session: Session, job_id: str, query: str = "") -> AsyncIterator[Mapping[str, Any]]:
    """Return the items of a job with their parts, in its order; `query` narrows them ("&status=FINISHED")."""
    cursor = ""
    while True:
        path = f"/v1/jobs/{job_id}/items?limit={PAGE}{query}{cursor}"
        page = await session.json("GET", path)
        for item in page["items"]:
            yield item
        if not page["next"]:
            return
        cursor = f"&cursor={page['next']}"


def failure(job: Mapping[str, Any]) -> WorkFailed:
    """Return the error that a job's end means: what the service said of the item that failed."""
    if job["status"] == "CANCELLED":
        return WorkFailed(f"job {job['id']} was cancelled on the service", "cancelled")
    error = job.get("error") or {}
    counts = job.get("counts", {})
    detail, code = error.get("detail", "no reason given"), str(error.get("code", ""))
    failed, every = counts.get("failed", 1), sum(counts.values()) or 1
    many = f"{failed} of {every} pictures failed; the first: " if every > 1 else ""
    return WorkFailed(f"{many}{detail} ({code}; job {job['id']})", code)


async def _ended(
    session: Session, job_id: str, after: str, heard: Callable[[Event], None]
) -> tuple[Mapping[str, Any], str]:
    """Return a job that has ended, and the id of its last event that was heard."""
    misses = 0
    while True:
        try:
            async for event in _stream(session, job_id, after):
                after, misses = event.id, 0
                heard(event)
        except ServiceError as error:
            if not error.retryable or misses >= session.connection.retries:
                raise
            await session.pause(misses, error)
            misses += 1
        # Also the way on where something between here and there holds the stream back.
        job = await session.json(
            "GET", f"/v1/jobs/{job_id}", headers={"Prefer": f"wait={POLL_SECONDS}"}
        )
        if job["status"] in ENDED:
            return job, after


async def _stream(session: Session, job_id: str, after: str) -> AsyncIterator[Event]:
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
    async with session.answer("GET", f"/v1/jobs/{job_id}/events", headers=headers) as answer:
        async for event in events(answer.content):
            yield event
            if event.type.startswith("job.") and event.type[4:].upper() in ENDED:
                return


async def _cancel(session: Session, job_id: str) -> None:
    try:
        await session.json("POST", f"/v1/jobs/{job_id}/cancel")
    except Refused as error:
        if error.status not in (404, 409):  # gone, or ended in the same moment
            raise


async def _afterwards(session: Session, work: Callable[[Session], Awaitable[None]]) -> None:
    """Do what must be done when the node is cancelled already.

    ComfyUI ends a prompt by cancelling every task of its loop at once, some of them twice. So this has
    a session and a task of its own, and waits for it however often the caller is cancelled meanwhile.
    """

    async def alone() -> None:
        try:
            async with opened(session.connection) as own:
                await asyncio.wait_for(work(own), timeout=CANCEL_SECONDS)
        except (ServiceError, asyncio.TimeoutError) as error:
            LOG.warning("a job goes on at %s: %s", session.connection.url, error)

    running = asyncio.ensure_future(alone())
    while not running.done():
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            continue  # the caller raises it when this is over
    running.result()
