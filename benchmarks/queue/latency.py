"""Milliseconds of calls one after the other over one connection: `/run`, and what peers have in its place."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.queue.client import Client
from benchmarks.queue.noop import MARK, NoOp
from benchmarks.queue.pictures import MIME_TYPES, picture
from steps.contract import Context, Item, Part
from steps.environment import Environment
from steps.run import run

WARM_UP = 20
"""Calls before the first that counts: connections, caches, compiled statements."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Of a number of calls, milliseconds."""

    p50: float
    p99: float


def timed(call: Callable[[int], None], calls: int) -> Latency:
    """Measure a call, which gets a number of its own each time."""
    found = []
    for number in range(WARM_UP + calls):
        began = time.perf_counter()
        call(number)
        found.append(1000 * (time.perf_counter() - began))
    return summary(found[WARM_UP:])


def summary(milliseconds: list[float]) -> Latency:
    """Return median and 99th percentile of at least two durations."""
    hundredths = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return Latency(p50=statistics.median(milliseconds), p99=hundredths[98])


def of_run(client: Client, kind: str, calls: int) -> Latency:
    """Measure `/run` with the picture as the raw body and as the answer."""
    headers = {"Content-Type": MIME_TYPES[kind], "Accept": "image/*"}

    def call(number: int) -> None:
        content = picture(kind, number)
        answer = client.call("POST", f"/v1/steps/{NoOp.name}/run", content, headers)
        if answer != content + MARK:
            raise AssertionError("the answer is not the copy of the picture")

    return timed(call, calls)


def of_upload(client: Client, path: str, kind: str, calls: int) -> Latency:
    """Measure a picture as the part "file" of a multipart form, and as the answer."""
    boundary = b"picture-of-the-benchmark"
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary.decode()}",
        "Accept": "image/*",
    }
    disposition = b'Content-Disposition: form-data; name="source"; filename="picture"'
    head = b"--%s\r\n%s\r\nContent-Type: %s\r\n\r\n" % (
        boundary,
        disposition,
        MIME_TYPES[kind].encode(),
    )

    def call(number: int) -> None:
        content = picture(kind, number)
        answer = client.call("POST", path, head + content + b"\r\n--%s--\r\n" % boundary, headers)
        if answer != content + MARK:
            raise AssertionError("the answer is not the copy of the picture")

    return timed(call, calls)


def of_step(kind: str, calls: int) -> Latency:
    """Measure the step alone, in this process, as a worker calls it."""
    step, context = NoOp(), Context(environment=Environment.from_env())

    def call(number: int) -> None:
        part = Part(content=picture(kind, number), mime_type=MIME_TYPES[kind], id="1")
        run(step, Item(parts=(part,), id="1"), {}, context)

    return timed(call, calls)
