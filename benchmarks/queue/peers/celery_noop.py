"""Plain Celery: a task that copies bytes, its result kept in Redis.

    celery --app celery_noop worker           (BROKER names the Redis database)
    python celery_noop.py latency | throughput

Runs where Celery is installed and nothing of this project is: the pictures come pickled on standard input,
the figures go to standard output as JSON. Tasks and results travel as JSON, Celery's own default.
"""

import json
import os
import pickle
import sys
import time

from celery import Celery

app = Celery("celery_noop", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.worker_prefetch_multiplier = 1


@app.task(name="copy", acks_late=True)  # type: ignore[untyped-decorator]
def copy(content: bytes) -> bytes:
    """Copy a picture."""
    return content + b"\n"


def latency(pictures: list[bytes]) -> list[float]:
    """Send and wait, one after the other; return milliseconds."""
    found = []
    for picture in pictures:
        began = time.perf_counter()
        if copy.delay(picture).get(timeout=60) != picture + b"\n":
            raise AssertionError("the answer is not the copy of the picture")
        found.append(1000 * (time.perf_counter() - began))
    return found


def throughput(pictures: list[bytes]) -> list[float]:
    """Send all, then wait for all; return [seconds to send, seconds in all]."""
    began = time.perf_counter()
    results = [copy.delay(picture) for picture in pictures]
    sent = time.perf_counter() - began
    for result in results:
        result.get(timeout=120)
    return [sent, time.perf_counter() - began]


if __name__ == "__main__":
    measure = {"latency": latency, "throughput": throughput}[sys.argv[1]]
    json.dump(measure(pickle.load(sys.stdin.buffer)), sys.stdout)
