"""A receiver of callbacks that misbehaves at first, and keeps what it got."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from connector.webhooks.signature import verify

MANNERS = ("well", "error", "hang-up")
"""At the first attempt of the n-th message: 200, 500, or the connection closed without an answer."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """One attempt that arrived whole."""

    id: str
    body: bytes
    headers: dict[str, str]
    at: float
    answer: str
    """One of MANNERS."""

    @property
    def job_id(self) -> str:
        """The job that it tells of."""
        return str(json.loads(self.body)["data"]["id"])


class Receiver:
    """Listens on a free loopback port between `with` and its end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Received] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def seen(self) -> list[Received]:
        """Every attempt so far, in order."""
        with self._lock:
            return list(self._seen)

    def ids_by_job(self) -> dict[str, set[str]]:
        """Return the ids of the messages that told of each job."""
        found: dict[str, set[str]] = {}
        for each in self.seen:
            found.setdefault(each.job_id, set()).add(each.id)
        return found

    def repeated(self) -> int:
        """Return how many messages came more than once."""
        return sum(count > 1 for count in Counter(each.id for each in self.seen).values())

    def verify_all(self, secret: str) -> None:
        """Check every signature as of the time when it came.

        Raises:
            SignatureInvalid: one is not by this secret.
        """
        for each in self.seen:
            verify(each.headers, each.body, secret, now=each.at)

    def _answer(self, headers: dict[str, str], body: bytes) -> str:
        id_ = {name.lower(): value for name, value in headers.items()}["webhook-id"]
        with self._lock:
            known = {each.id for each in self._seen}
            manners = MANNERS[0] if id_ in known else MANNERS[len(known) % len(MANNERS)]
            self._seen.append(
                Received(id=id_, body=body, headers=headers, at=time.time(), answer=manners)
            )
        return manners


def _handler(answer: Callable[[dict[str, str], bytes], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            manners = answer(dict(self.headers.items()), body)
            if manners == "hang-up":
                self.close_connection = True
                return
            self.send_response(200 if manners == "well" else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    return Handler
