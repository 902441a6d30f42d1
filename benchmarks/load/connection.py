"""One HTTP connection that is kept open, on asyncio's own streams: a caller must cost less than what it measures."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

CHUNK_BYTES = 256 * 1024


class Broken(RuntimeError):
    """The answer cannot be read: the connection ended, or has no Content-Length."""


class Connection:
    """Speaks HTTP/1.1 to a port of this machine, one call after the other."""

    def __init__(self, port: int) -> None:
        """Prepare; `async with` connects."""
        self._port = port

    async def __aenter__(self) -> Self:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self._writer.close()

    async def call(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return status and body of an answer.

        Raises:
            Broken: it cannot be read.
            OSError: the connection was cut.
        """
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        for begin in range(0, len(body), CHUNK_BYTES):
            self._writer.write(body[begin : begin + CHUNK_BYTES])
            await self._writer.drain()
        return await self._answer()

    async def _answer(self) -> tuple[int, bytes]:
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError as error:
            raise Broken("the connection ended before the answer") from error
        status = int(head.split(" ", 2)[1])
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                return status, await self._reader.readexactly(int(value))
        if status == 204:
            return status, b""
        raise Broken(f"an answer {status} without Content-Length")
