"""What every request passes before a route: trace and log, the Host check, the limit on the body."""

import asyncio
import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector import logs, tracing
from connector.api.problems import CODE, ApiError, problem_response
from connector.auth.callers import ANSWER_HEADERS, CALLER
from connector.loopback import is_loopback

log = logging.getLogger(__name__)

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, section 3.2; the trace id is the first group."""
TRACE_PARENT = "retusche.traceparent"
"""Key in the ASGI scope of what a job's row holds; None where there is none."""
_PROBES = ("/health/", "/actuator/")
"""Asked every few seconds; logged only at the level "debug"."""
CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a signed link opens what it names
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",  # X-API-Key does not tell a cache that an answer is one caller's
}
"""Headers of every answer that does not say otherwise."""


class Trace:
    """Gives each request a trace id, logs one line for it, and answers what nobody else caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = Headers(scope=scope).get("traceparent", "")
        name = f"{scope['method']} {scope['path']}"
        with tracing.http_span(name, parent if _TRACEPARENT.fullmatch(parent) else None) as mine:
            scope[TRACE_PARENT] = mine
            await self._traced(scope, receive, send, mine or "")

    async def _traced(self, scope: Scope, receive: Receive, send: Send, traceparent: str) -> None:
        logs.trace_id.set(_trace_id(traceparent))
        began = time.perf_counter()
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["Retusche-Trace-Id"] = logs.trace_id.get()
                headers.update(scope.get(ANSWER_HEADERS, {}))
                for name, value in CAREFUL.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except ClientDisconnect:
            log.info("the client left while it sent the body")
        except Exception:
            log.exception("unexpected error")
            if status:
                raise  # the answer is half sent: only closing the connection is left
            trace = logs.trace_id.get()
            detail = f"unexpected error; the service's log has trace {trace}"
            answer = problem_response(scope, "internal-error", detail)
            await answer(scope, receive, send_and_note)
        _log_access(scope, status, time.perf_counter() - began)


def _trace_id(traceparent: str) -> str:
    found = _TRACEPARENT.fullmatch(traceparent)
    return found[1] if found else secrets.token_hex(16)


def _log_access(scope: Scope, status: int, seconds: float) -> None:
    level = logging.DEBUG if scope["path"].startswith(_PROBES) else logging.INFO
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
    }
    if CALLER in scope:
        fields["client"] = scope[CALLER]
    elif status in (401, 403, 429) and scope.get("client"):
        fields["address"] = scope["client"][0]  # of somebody who guesses, or has an old key
    if CODE in scope:
        fields["code"] = scope[CODE]
    log.log(level, "request", extra=fields)


class HostCheck:
    """Refuses Host headers that are no loopback name: a web page that rebinds its DNS name to this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on, or answer it with "host-refused"."""
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if not is_loopback(_without_port(host)):
                detail = f"Host {host!r} is not served here; accepted: localhost, 127.0.0.1, [::1]"
                await problem_response(scope, "host-refused", detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


class BodyLimit:
    """Refuses bodies that are too large, by their declared length or while reading, or that do not go on."""

    def __init__(self, app: ASGIApp, max_bytes: int, idle_seconds: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._idle_seconds = idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on, or answer it with "body-too-large"."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        detail = f"the body has more than {self._max_bytes:,} bytes, the most accepted"
        if declared.isdecimal() and int(declared) > self._max_bytes:
            await problem_response(scope, "body-too-large", detail)(scope, receive, send)
            return
        received, whole = 0, False

        async def receive_and_count() -> Message:
            nonlocal received, whole
            # After the body `receive` waits for the client to leave, which may take as long as it likes.
            message = await (receive() if whole else self._in_time(receive))
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > self._max_bytes:
                raise ApiError("body-too-large", detail)
            return message

        await self._app(scope, receive_and_count, send)

    async def _in_time(self, receive: Receive) -> Message:
        try:
            async with asyncio.timeout(self._idle_seconds):
                return await receive()
        except TimeoutError:
            raise ApiError(
                "body-stalled",
                f"nothing of the body came for {self._idle_seconds:g} seconds",
                headers={"Connection": "close"},
            ) from None
