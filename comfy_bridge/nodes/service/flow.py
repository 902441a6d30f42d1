"""Pictures through a jadice flow controller, by its published REST (documentation of jadice flow 1.3.2).

A controller takes addresses, not bytes: the pictures are sent to a Retusche service first, whose links need no
header, and the controller's workers fetch them there. It publishes no way to cancel a job: one that is
given up here goes on there, and the error names its number.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from .. import pictures
from ..pixels import Bytes
from . import work
from .problems import TimedOut, WorkFailed
from .progress import Progress
from .session import Session
from .tasks import together

FAILED = ("FAILED", "STOPPED", "ABANDONED", "CANCELLED")
"""Ends without a result: the first three are Spring Batch's, on which flow's executions are built."""
FIRST_LOOK = 0.25
"""Seconds until a job is looked at; each further look waits half as long again."""
LONGEST_WAIT = 5.0


async def run(
    controller: Session,
    store: Session,
    template: str,
    priority: int,
    given: Sequence[Bytes],
    progress: Progress,
) -> list[Bytes]:
    """Return the pictures that a flow makes of these, in the order in which it gives them.

    Args:
        controller: the jadice flow controller.
        store: the Retusche service that keeps the pictures for the controller's workers.
        template: name of a job template of the controller.
        priority: of the job.
        given: one item each.
        progress: is kept up to date.

    Raises:
        ServiceError: it could not be done; the message says what the controller said.
    """
    known = await controller.json("GET", "/job/template-names")
    if template not in known:
        listed = ", ".join(map(str, known)) or "none"
        raise WorkFailed(f"the controller has no template {template!r}; it has: {listed}")
    progress.text = "sending"
    files = await work.send(store, [work.Given({"source": each}) for each in given])
    request = {
        "jobTemplateName": template,
        "priority": priority,
        "items": [{"parts": [_part(files[id(each)])]} for each in given],
    }
    job = await controller.json("POST", "/job/create", body=request, repeat=False)
    number = job["jobExecutionID"]
    limit = controller.connection.timeout
    try:
        await asyncio.wait_for(_finished(controller, number, progress), timeout=limit)
    except asyncio.TimeoutError:  # another class before Python 3.11
        raise TimedOut(
            f"flow's job {number} has not ended within {limit:g} s; it goes on there"
        ) from None
    results = [
        part for part in await controller.json("GET", f"/job/result/{number}") if _shows(part)
    ]
    if not results:
        raise WorkFailed(f"flow's job {number} is finished and gave no picture")
    return await together([_fetched(controller, store, part) for part in results])


async def _finished(controller: Session, number: int, progress: Progress) -> None:
    wait = FIRST_LOOK
    while True:
        job = await controller.json("GET", f"/job/execution/{number}")
        status = str(job["status"])
        progress.text = f"flow job {number}: {status}"
        if status == "FINISHED":
            return
        if status in FAILED:
            trace = f", trace {job['traceID']}" if job.get("traceID") else ""
            raise WorkFailed(f"flow's job {number} ended {status}{trace}")
        await asyncio.sleep(wait)
        wait = min(LONGEST_WAIT, wait * 1.5)


async def _fetched(controller: Session, store: Session, part: Mapping[str, Any]) -> Bytes:
    url = str(part["url"])
    session = store if store.connection.owns(url) else controller
    return await asyncio.to_thread(pictures.decode, await session.content(url))


def _part(file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": file["contentUrl"],
        "filename": file["filename"],
        "type": "BASE_PART",
        "mimeType": file["mimeType"],
    }


def _shows(part: Mapping[str, Any]) -> bool:
    worked_on = part.get("type") in (None, "BASE_PART")
    return worked_on and str(part.get("mimeType", "image/")).startswith("image/")
