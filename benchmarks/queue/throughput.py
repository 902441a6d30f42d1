"""Items per second from one job: created over HTTP, worked off, known to its caller as finished."""

import base64
import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.queue.client import Client
from benchmarks.queue.installation import Installation
from benchmarks.queue.noop import NoOp
from benchmarks.queue.pictures import MIME_TYPES, picture

STEPS = [{"step": NoOp.name, "parameters": {}}]


@dataclass(frozen=True, slots=True)
class Throughput:
    """What one job took."""

    create_seconds: float
    """From the first byte of the request to the answer: all is checked, stored and committed by then."""
    work_seconds: float
    """From the first item's begin to the last one's end."""
    whole_seconds: float
    """From the request to the caller knowing of the end."""
    processor_ms: dict[str, float]
    """Per item, by role."""


def measure(installation: Installation, kind: str, items: int, begin: int) -> Throughput:
    """Run a job whose items have a part of their own content each.

    Args:
        installation: runs, and has nothing else to do.
        kind: of the pictures.
        items: how many.
        begin: number of the first picture; each number is used once, or its file would be there already.
    """
    numbers = range(begin, begin + items)
    body = json.dumps({"steps": STEPS, "items": [_item(kind, number) for number in numbers]})
    job = body.encode()
    before = installation.seconds()
    with Client(installation.port) as client:
        began = time.perf_counter()
        job_id = client.create(job)
        created = time.perf_counter()
        ended = client.ended(job_id)
        known = time.perf_counter()
    after = installation.seconds()
    return Throughput(
        create_seconds=created - began,
        work_seconds=worked(ended),
        whole_seconds=known - began,
        processor_ms={role: 1000 * (after[role] - before[role]) / items for role in after},
    )


def worked(job: dict[str, Any]) -> float:
    """Return the seconds from a job's first item's begin to its last one's end, as the job itself says."""
    begin, end = (datetime.fromisoformat(job[name]) for name in ("startedAt", "finishedAt"))
    return (end - begin).total_seconds()


def _item(kind: str, number: int) -> dict[str, object]:
    content = base64.b64encode(picture(kind, number)).decode()
    return {"parts": [{"url": f"data:{MIME_TYPES[kind]};base64,{content}"}]}
