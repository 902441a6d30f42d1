"""Work that one request waits for: stopped when its client leaves."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from fastapi import Request

from connector.jobs import cancel
from connector.jobs.errors import JobNotFound, TooLate
from connector.service import Service

T = TypeVar("T")

CLIENT_GONE = 499
"""Status in the log of a request whose client left; nobody reads it. nginx's number for the same."""


def abandon(service: Service, client: str, job_id: str) -> None:
    """Stop what nobody waits for any more."""
    try:
        service.database.write(
            lambda tx: cancel.cancel(tx, client, job_id, service.now(), service.rules)
        )
    except (TooLate, JobNotFound):
        return  # it ended in the same moment


async def unless_client_leaves(request: Request, work: Coroutine[None, None, T]) -> T | None:
    """Return the work's answer, or None, with the work cancelled, when the client left before."""
    running = asyncio.create_task(work)
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait([running, leaving], return_when=asyncio.FIRST_COMPLETED)
        return await running if running.done() else None
    finally:
        for task in (running, leaving):
            task.cancel()
        await asyncio.wait([running, leaving])


async def _left(request: Request) -> None:
    """Return when the client has closed the connection; the body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
