"""One job of very many items, whose parts all refer to one file that was sent ahead."""

import json
import time
from dataclasses import dataclass

from benchmarks.queue.client import Client
from benchmarks.queue.installation import Installation
from benchmarks.queue.pictures import MIME_TYPES, SMALL, picture
from benchmarks.queue.throughput import STEPS, worked


@dataclass(frozen=True, slots=True)
class Large:
    """What it took."""

    create_seconds: float
    work_seconds: float
    api_peak_mb: float
    """From the start of the API to the job's end."""
    database_mb: float


def measure(installation: Installation, items: int) -> Large:
    """Create the job, and wait for its end."""
    with Client(installation.port) as client:
        url = client.upload(picture(SMALL, 0), MIME_TYPES[SMALL])
        job = json.dumps({"steps": STEPS, "items": [{"parts": [{"url": url}]}] * items}).encode()
        began = time.perf_counter()
        job_id = client.create(job)
        created = time.perf_counter() - began
        ended = client.ended(job_id)
    return Large(created, worked(ended), installation.api_peak_mb(), installation.database_mb())
