"""Calls to one service: the key, the retries, and errors in the service's own words.

A session lives as long as one run of a node: ComfyUI gives each prompt an event loop of its own, in
which the connections of an earlier one are dead.
"""

import asyncio
import io
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp

from .connection import Connection
from .problems import Refused, ServiceError, Unreachable

T = TypeVar("T")

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 60.0
"""Until an answer that does not go on counts as lost; a stream of events says something every 15 s."""
FIRST_PAUSE = 0.5
"""Seconds before the first retry; each further one waits twice as long."""
LONGEST_PAUSE = 15.0
_LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, asyncio.TimeoutError)


class Session:
    """A service while one node runs."""

    def __init__(
        self,
        connection: Connection,
        http: aiohttp.ClientSession,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Use a connection; `sleep` waits before a retry."""
        self.connection, self._http, self._sleep = connection, http, sleep

    async def json(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: bool = True,
    ) -> Any:
        """Return the JSON of an answer, None of an empty one. Made again while a retry may help.

        Args:
            method: of HTTP.
            path: or whole address.
            body: to be sent as JSON.
            content: to be sent as it is, instead.
            headers: further ones.
            repeat: whether a second call does no harm (an `Idempotency-Key` sees to that).

        Raises:
            Refused: the service said no.
            Unreachable: it did not answer.
        """
        sent = dict(headers or {})
        if body is not None:
            content = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"

        async def call() -> Any:
            async with self.answer(method, path, content=content, headers=sent) as answer:
                text = await answer.read()
                return _parsed(text, answer) if text else None

        return await (self.again(call) if repeat else call())

    async def content(self, url: str) -> bytes:
        """Return the bytes behind an address; the key goes along to the service's own only."""

        async def call() -> bytes:
            async with self.answer("GET", url) as answer:
                return await answer.read()

        return await self.again(call)

    @asynccontextmanager
    async def answer(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make one call, without a retry; the body is still to be read.

        Raises:
            Refused: the status is an error.
            Unreachable: no answer came, or it broke off while it was read.
        """
        url = path if "://" in path else self.connection.url + path
        sent = dict(headers or {})
        if self.connection.key and self.connection.owns(url):
            sent["Authorization"] = f"Bearer {self.connection.key}"
        try:
            async with self._http.request(
                method,
                url,
                data=None if content is None else io.BytesIO(content),  # sent piece by piece
                headers=sent,
                allow_redirects=method == "GET",
            ) as answer:
                if answer.status >= 300:
                    raise await self._refused(answer)
                yield answer
        except _LOST as error:
            said = str(error) or f"silent for {SILENT_SECONDS:.0f} s"
            raise Unreachable(
                f"the service at {self.connection.url} does not answer ({said}); "
                "is it running, and is the address right?"
            ) from None

    async def again(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, and make it again while a retry may help and some are left."""
        attempt = 0
        while True:
            try:
                return await call()
            except ServiceError as error:
                if not error.retryable or attempt >= self.connection.retries:
                    raise
                await self.pause(attempt, error)
                attempt += 1

    async def pause(self, attempt: int, error: ServiceError | None = None) -> None:
        """Wait before retry number `attempt` (from 0): as long as the service says, or ever longer."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
        seconds = longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads callers, hides nothing
        if error is not None and error.retry_after is not None:
            seconds = max(seconds, error.retry_after)
        await self._sleep(seconds)

    async def _refused(self, answer: aiohttp.ClientResponse) -> Refused:
        text = await answer.read()
        try:
            problem = json.loads(text)
        except ValueError:
            problem = {"detail": text[:200].decode("utf-8", "replace")}
        problem = problem if isinstance(problem, dict) else {"detail": str(problem)}
        if answer.status in (401, 403) and self.connection.withheld:
            problem["detail"] = (
                f"{problem.get('detail', '')}; the key of this connection belongs to "
                f"{self.connection.withheld} and is not sent to {self.connection.url}"
            )
        return Refused(answer.status, problem, _seconds(answer.headers.get("Retry-After", "")))


@asynccontextmanager
async def opened(connection: Connection) -> AsyncIterator[Session]:
    """Open a session for one run of a node."""
    timeout = aiohttp.ClientTimeout(
        total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS
    )
    connector = aiohttp.TCPConnector(limit=2 * connection.parallel + 2)
    async with aiohttp.ClientSession(
        timeout=timeout, connector=connector, read_bufsize=2**20
    ) as http:
        yield Session(connection, http)


def _parsed(text: bytes, answer: aiohttp.ClientResponse) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        detail = f"{answer.url.host} answered {answer.content_type}, no JSON: no Retusche service?"
        raise Refused(answer.status, {"detail": detail}, None) from None


def _seconds(header: str) -> float | None:
    """Return the seconds of a `Retry-After`; dates, which our service does not send, are passed over."""
    return float(header) if header.strip().isdecimal() else None
