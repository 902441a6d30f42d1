"""A caller over one connection that is kept open; the standard library's client costs the least."""

import http.client
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

LONG_SECONDS = 120.0
"""Longest wait for an answer."""
POLL_SECONDS = 60
"""Of one long poll: the longest that the service grants."""


class Refused(RuntimeError):
    """The service answered something else than was expected."""


class Client:
    """Speaks HTTP to a port of this machine."""

    def __init__(self, port: int) -> None:
        """Prepare; connects at the first call."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG_SECONDS)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._connection.close()

    def call(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Return the body of a successful answer.

        Raises:
            Refused: it is none.
            OSError: none came.
        """
        self._connection.request(method, path, body or None, dict(headers or {}))
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status} {content[:500].decode()}")
        return content

    def upload(self, content: bytes, mime_type: str) -> str:
        """Send a file ahead; return the address that a part may name."""
        answer = json.loads(self.call("POST", "/v1/files", content, {"Content-Type": mime_type}))
        return f"/v1/files/{answer['id']}"

    def create(self, job: bytes) -> str:
        """Create a job from its JSON; return its id."""
        made = json.loads(self.call("POST", "/v1/jobs", job, {"Content-Type": "application/json"}))
        return str(made["id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        """Wait for the end of a job by long polls; return it.

        Raises:
            Refused: an item did not succeed.
        """
        while True:
            wait = {"Prefer": f"wait={POLL_SECONDS}"}
            job: dict[str, Any] = json.loads(self.call("GET", f"/v1/jobs/{job_id}", headers=wait))
            if job["status"] == "FINISHED":
                return job
            if job["status"] not in ("QUEUED", "RUNNING"):
                raise Refused(f"the job is {job['status']}: {job['error']}")
