"""Callers in a process of their own: `python -m benchmarks.load.callers poll | upload`, JSON in and out."""

import asyncio
import io
import json
import random
import sys
import time
from collections.abc import Awaitable, Iterable
from dataclasses import asdict, dataclass, field

import numpy as np
from PIL import Image

from benchmarks.load.connection import Broken, Connection

WIDTH, HEIGHT = 4000, 3000
"""12 megapixels."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the callers of one process do."""

    port: int
    seconds: float
    callers: int
    pause: float
    """Seconds between one answer and the next call of the same caller."""
    jobs: tuple[str, ...] = ()
    """Whom the polling callers ask for, each its own."""


@dataclass(kw_only=True)
class Found:
    """What they saw."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent_bytes: int = 0


async def poll(plan: Plan) -> Found:
    """Ask for jobs, each caller its own one, again and again."""
    found = Found()

    async def caller(number: int) -> None:
        path = f"/v1/jobs/{plan.jobs[number % len(plan.jobs)]}"
        async with Connection(plan.port) as connection:
            await asyncio.sleep(random.Random(number).uniform(0, plan.pause))
            while time.perf_counter() < end:
                began = time.perf_counter()
                status, _ = await connection.call("GET", path)
                found.milliseconds.append(1000 * (time.perf_counter() - began))
                if status != 200:
                    found.errors.append(f"GET {path}: {status}")
                await asyncio.sleep(plan.pause)

    end = time.perf_counter() + plan.seconds
    await _all(found, [caller(number) for number in range(plan.callers)])
    return found


async def upload(plan: Plan) -> Found:
    """Send pictures of 12 megapixels ahead, each with bytes of its own, and delete each again."""
    found, picture = Found(), photo()

    async def caller(number: int) -> None:
        turn = 0
        async with Connection(plan.port) as connection:
            await asyncio.sleep(random.Random(number).uniform(0, plan.pause))
            while time.perf_counter() < end:
                turn += 1
                content = (
                    picture + f"{number}/{turn}".encode()
                )  # behind the end, where readers ignore it
                began = time.perf_counter()
                status, body = await connection.call(
                    "POST", "/v1/files", content, {"Content-Type": "image/jpeg"}
                )
                found.milliseconds.append(1000 * (time.perf_counter() - began))
                found.sent_bytes += len(content)
                if status != 201:
                    found.errors.append(f"POST /v1/files: {status} {body[:200]!r}")
                    continue
                path = f"/v1/files/{json.loads(body)['id']}"
                status, _ = await connection.call("DELETE", path)
                if status != 204:
                    found.errors.append(f"DELETE {path}: {status}")
                await asyncio.sleep(plan.pause)

    end = time.perf_counter() + plan.seconds
    await _all(found, [caller(number) for number in range(plan.callers)])
    return found


async def _all(found: Found, callers: Iterable[Awaitable[None]]) -> None:
    for error in await asyncio.gather(*callers, return_exceptions=True):
        if isinstance(error, OSError | Broken):
            found.errors.append(f"{type(error).__name__}: {error}")
        elif error is not None:
            raise error


def photo() -> bytes:
    """Return a JPEG of 12 megapixels and of a photo's size: fine grain on a gradient."""
    ramp = np.linspace(40, 200, HEIGHT, dtype=np.float32)[:, None, None]
    grain = np.random.default_rng(1).normal(0, 14, (HEIGHT, WIDTH, 3))
    pixels = np.clip(ramp + grain, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def main() -> None:
    """Read a plan, follow it, and write what was found."""
    plan = Plan(**json.load(sys.stdin))
    found = asyncio.run({"poll": poll, "upload": upload}[sys.argv[1]](plan))
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
