"""Work that an engine goes on with: hand pictures over as a job with a callback, and fetch what a job gave."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..pixels import Bytes
from . import jobs, work
from .problems import TimedOut, WorkFailed
from .progress import Progress
from .results import Result, results_of, summary
from .session import Session
from .tasks import together
from .work import Given


class ChainInvalid(ValueError):
    """What is to be done is not said in a way that can be sent."""


@dataclass(frozen=True)
class Order:
    """A job that an engine waits for."""

    what: str
    """Name of a template or of a step, or a chain as JSON: `[{"step": …, "parameters": {…}}]`."""
    callback: str = ""
    """Address that is told of the job's end; empty: nobody is told."""
    correlation: str = ""
    """The engine's own mark."""
    media_type: str = ""
    """Type of the results; empty: PNG."""


async def hand_over(
    session: Session, order: Order, given: Sequence[Bytes], progress: Progress
) -> str:
    """Create a job over these pictures, and return its id without waiting for its end.

    Raises:
        ChainInvalid: `order.what` is no JSON.
        ServiceError: the service refused, or does not answer.
    """
    items = [Given({"source": each}) for each in given]
    chain = await _chain(session, order.what)
    progress.items, progress.text = len(items), "sending"
    request = work.request_of((), items, await work.send(session, items))
    del request["steps"]
    request |= chain | {"output": {"mimeType": order.media_type or "image/png"}}
    if order.callback:
        request["callback"] = {"url": order.callback}
    if order.correlation:
        request["correlation"] = order.correlation
    job_id = await jobs.create(session, request)
    progress.text = f"job {job_id}"
    return job_id


async def fetch(session: Session, job_id: str, item: str, progress: Progress) -> list[Result]:
    """Wait for a job that another made, and return what it gave. It is not cancelled, whatever happens here.

    Args:
        session: the service.
        job_id: of the job.
        item: of one item; empty: all of them.
        progress: is kept up to date.

    Raises:
        WorkFailed: it, or the item, ended without a result.
        ServiceError: there is no such job, or the service does not answer.
    """
    limit = session.connection.timeout
    try:
        return await asyncio.wait_for(_fetch(session, job_id, item, progress), timeout=limit)
    except asyncio.TimeoutError:  # another class before Python 3.11
        raise TimedOut(f"job {job_id} has not ended within {limit:g} s; it goes on") from None


async def _fetch(session: Session, job_id: str, item: str, progress: Progress) -> list[Result]:
    progress.text = "waiting for the job"
    while True:
        job = await session.json(
            "GET", f"/v1/jobs/{job_id}", headers={"Prefer": f"wait={jobs.POLL_SECONDS}"}
        )
        progress.shares = {job_id: float(job["progress"])}
        if job["status"] in jobs.ENDED:
            break
    if job["status"] != "FINISHED" and not item:
        raise jobs.failure(job)
    found = [each async for each in jobs.items(session, job_id) if item in ("", each["id"])]
    if not found:
        raise WorkFailed(f"job {job_id} has no item {item!r}")
    progress.text = "fetching"
    every = await together([results_of(session, each) for each in found])
    results = [result for of_item in every for result in of_item]
    progress.text = summary(results)
    return results


async def _chain(session: Session, what: str) -> dict[str, Any]:
    what = what.strip()
    if what.startswith(("[", "{")):
        try:
            given = json.loads(what)
        except json.JSONDecodeError as error:
            raise ChainInvalid(f"the chain is no JSON: {error}") from None
        return {"steps": given if isinstance(given, list) else [given]}
    templates: Mapping[str, Any] = await session.json("GET", "/v1/templates")
    if any(each["name"] == what for each in templates["templates"]):
        return {"template": what}
    return {"steps": [{"step": what}]}
