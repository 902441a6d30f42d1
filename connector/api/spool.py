"""A request's body, read to the disk when it is large: memory holds a megabyte of it, not all."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

MEMORY_BYTES = 1024 * 1024
"""Bodies up to this size never touch the disk."""
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body that has come whole."""

    file: SpooledTemporaryFile[bytes]
    sha256: str
    size: int

    def read(self) -> bytes:
        """Return it whole."""
        self.file.seek(0)
        return self.file.read()

    def chunks(self) -> Iterator[bytes]:
        """Yield it in pieces."""
        self.file.seek(0)
        while chunk := self.file.read(CHUNK_BYTES):
            yield chunk


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[Spooled]:
    """Read the body of a request; it is gone when the context ends.

    Raises:
        ApiError: it is too large, or does not go on (`door.BodyLimit`).
    """
    digest, size, waiting = hashlib.sha256(), 0, bytearray()
    with SpooledTemporaryFile[bytes](max_size=MEMORY_BYTES) as file:

        def take(content: bytes) -> None:
            digest.update(content)
            file.write(content)

        async for chunk in request.stream():
            size += len(chunk)
            waiting += chunk
            # In pieces worth a thread: what is large must not hold up everybody else's requests.
            if len(waiting) >= CHUNK_BYTES:
                await run_in_threadpool(take, bytes(waiting))
                waiting.clear()
        take(bytes(waiting))
        yield Spooled(file, digest.hexdigest(), size)
