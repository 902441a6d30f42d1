"""Pictures through steps: sent, worked on as one job, fetched as soon as each is done.

A job, not `/run`: only a job tells its progress, can be cancelled, gives mask and report beside the picture
without base64, takes a batch as one, and survives a connection that breaks. docs/comfyui.md has the figures.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import pictures
from ..pixels import Bytes
from . import jobs
from .events import Event
from .problems import ServiceError, TimedOut, WorkFailed
from .progress import Progress
from .results import Result, results_of, summary
from .session import Session
from .tasks import ended, together

LOG = logging.getLogger("retusche")


@dataclass(frozen=True)
class Given:
    """The pictures of one item, by role."""

    by_role: Mapping[str, Bytes]
    """source, style, mask. One array in several items is sent once."""


async def run(
    session: Session,
    steps: Sequence[Mapping[str, Any]],
    given: Sequence[Given],
    progress: Progress,
) -> list[Result]:
    """Return what the steps make of each item. However it ends, nothing goes on working on the service.

    Args:
        session: the service.
        steps: the chain, `[{"step": …, "parameters": {…}}]`.
        given: one item each.
        progress: is kept up to date.

    Raises:
        ServiceError: it could not be done; the message says what the service said.
        TimedOut: not within the connection's time; the remote job was cancelled.
    """
    limit = session.connection.timeout
    try:
        return await asyncio.wait_for(_run(session, steps, given, progress), timeout=limit)
    except asyncio.TimeoutError:  # another class before Python 3.11
        raise TimedOut(
            f"no result within {limit:g} s; the job on the service was cancelled. "
            "The connection node sets the time."
        ) from None


async def _run(
    session: Session,
    steps: Sequence[Mapping[str, Any]],
    given: Sequence[Given],
    progress: Progress,
) -> list[Result]:
    progress.items = len(given)
    progress.text = f"sending {len(given)} picture{'s' * (len(given) > 1)}"
    sent = await send(session, given)
    job_id = await jobs.create(session, request_of(steps, given, sent))
    try:
        progress.text = "waiting for a worker"
        results = await _followed(session, job_id, len(given), progress)
    except BaseException as error:
        if not (isinstance(error, WorkFailed) and error.code):
            await jobs.cancel(session, job_id)
        raise
    await _purged(session, job_id, [str(file["id"]) for file in sent.values()])
    progress.text = summary(results)
    return results


async def send(session: Session, given: Sequence[Given]) -> dict[int, Mapping[str, Any]]:
    """Upload every picture once and return what the service says of each, by the identity of the array."""
    every = {id(each): each for item in given for each in item.by_role.values()}
    gate = asyncio.Semaphore(session.connection.parallel)

    async def one(number: int, picture: Bytes) -> Mapping[str, Any]:
        async with gate:
            file = await asyncio.to_thread(pictures.encode, picture, f"comfy-{number}")
            answer: Mapping[str, Any] = await session.json(
                "POST",
                f"/v1/files?filename={file.filename}",
                content=file.content,
                headers={"Content-Type": file.media_type},
            )
            return answer

    files = await together([one(number, each) for number, each in enumerate(every.values(), 1)])
    return dict(zip(every, files, strict=True))


def request_of(
    steps: Sequence[Mapping[str, Any]],
    given: Sequence[Given],
    sent: Mapping[int, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the body of `POST /v1/jobs`."""
    sources = [item.by_role["source"] for item in given if "source" in item.by_role]
    transparent = any(pictures.answer_type(each) != "image/bmp" for each in sources)
    return {
        "steps": list(steps),
        "items": [
            {
                "id": str(number),
                "parts": [
                    {"url": f"/v1/files/{sent[id(picture)]['id']}", "role": role}
                    for role, picture in item.by_role.items()
                ],
            }
            for number, item in enumerate(given, 1)
        ],
        "output": {"mimeType": "image/png" if transparent else "image/bmp"},
    }


async def _followed(session: Session, job_id: str, count: int, progress: Progress) -> list[Result]:
    """Follow a job, fetch each item when it is done, and return the results in the order of the items."""
    news = asyncio.Event()
    fetching: dict[str, asyncio.Task[list[Result]]] = {}

    def heard(event: Event) -> None:
        item = str(event.values.get("itemId") or "")
        if event.type == "item.progress":
            progress.shares[item] = float(event.values.get("progress", 0.0))
            progress.text = f"{event.values.get('phase', '')} {progress.fraction:.0%}".strip()
        elif event.type == "item.finished":
            progress.shares[item] = 1.0
            news.set()

    async def fetch() -> None:
        while True:
            await news.wait()
            news.clear()
            async for item in jobs.items(session, job_id, "&status=FINISHED"):
                if item["id"] not in fetching:
                    one = _shown(session, item, progress)
                    fetching[item["id"]] = asyncio.ensure_future(one)

    fetcher = asyncio.ensure_future(fetch())
    try:
        await jobs.finished(session, job_id, heard)
        fetcher.cancel()
        missing = [str(n) for n in range(1, count + 1) if str(n) not in fetching]
        if missing:
            async for item in jobs.items(session, job_id):
                if item["id"] in missing:
                    fetching[item["id"]] = asyncio.ensure_future(_shown(session, item, progress))
        progress.text = "fetching"
        found = await asyncio.gather(*(fetching[str(n)] for n in range(1, count + 1)))
        return [result for results in found for result in results]
    finally:
        await ended([fetcher, *fetching.values()])


async def _shown(session: Session, item: Mapping[str, Any], progress: Progress) -> list[Result]:
    results = await results_of(session, item)
    progress.preview = results[-1].picture
    return results


async def _purged(session: Session, job_id: str, files: Sequence[str]) -> None:
    """Delete what was only sent to be worked on; a key that may not leaves it to the service's retention."""
    paths = [f"/v1/jobs/{job_id}", *(f"/v1/files/{each}" for each in files)]
    try:
        await together([session.json("DELETE", path) for path in paths])
    except ServiceError as error:
        LOG.warning("job %s stays on the service until it expires there: %s", job_id, error)
