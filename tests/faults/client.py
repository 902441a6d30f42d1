"""A caller that does not give up: it repeats what failed for a passing reason, with an idempotency key."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

TERMINAL = frozenset({"FINISHED", "FAILED", "CANCELLED"})
PASSING = frozenset({429, 503})
WAIT_SECONDS = 10
"""Of one long poll."""
PAUSE_SECONDS = 0.2
"""Between two tries while the API is away."""


@dataclass(frozen=True)
class Line:
    """An event as the stream told it."""

    id: int
    type: str
    data: Mapping[str, Any]


class Client:
    """Speaks to the API of a stack, whatever happens to it."""

    def __init__(self, url: str, *, patience: float = 60.0) -> None:
        """Prepare.

        Args:
            url: of the API.
            patience: longest time that one call is repeated, seconds.
        """
        self._http = httpx.Client(base_url=url, timeout=WAIT_SECONDS + 20)
        self._patience = patience
        self.repeated = 0
        """Calls that had to be repeated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def upload(self, content: bytes, filename: str) -> str:
        """Send a file ahead; return its URL."""
        answer = self.call("POST", "/v1/files", params={"filename": filename}, content=content)
        return f"/v1/files/{answer.json()['id']}"

    def create(self, key: str, job: Mapping[str, Any]) -> str:
        """Create a job and return its id; once, however often it is tried."""
        answer = self.call("POST", "/v1/jobs", json=job, headers={"Idempotency-Key": key})
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Show a job."""
        found: dict[str, Any] = self.call("GET", f"/v1/jobs/{job_id}").json()
        return found

    def ended(self, job_id: str, seconds: float) -> dict[str, Any]:
        """Wait for the end of a job by long polls, and show it.

        Raises:
            TimeoutError: it did not come in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            left = max(1, min(WAIT_SECONDS, int(deadline - time.monotonic())))
            prefer = {"Prefer": f"wait={left}"}
            found: dict[str, Any] = self.call("GET", f"/v1/jobs/{job_id}", headers=prefer).json()
            if found["status"] in TERMINAL:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} is {found['status']}: {found['counts']}")

    def items(self, job_id: str) -> Iterator[dict[str, Any]]:
        """Yield the items of a job, page by page."""
        cursor: str | None = None
        while True:
            query = {} if cursor is None else {"cursor": cursor}
            page = self.call("GET", f"/v1/jobs/{job_id}/items", params=query).json()
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def events(self, job_id: str, seconds: float) -> list[Line]:
        """Follow the events of a job to its end; resumes behind the last one when the stream breaks.

        Raises:
            TimeoutError: the end did not come in time.
        """
        deadline = time.monotonic() + seconds
        seen: list[Line] = []
        while time.monotonic() < deadline:
            last = str(seen[-1].id) if seen else "0"
            seen += self._streamed(job_id, last)
            if seen and seen[-1].type in {f"job.{each.lower()}" for each in TERMINAL}:
                return seen
            time.sleep(PAUSE_SECONDS)  # as EventSource does before it connects again
        raise TimeoutError(f"the stream of job {job_id} did not end; {len(seen)} events came")

    def _streamed(self, job_id: str, last: str) -> Sequence[Line]:
        found: list[Line] = []
        fields: dict[str, str] = {}
        path, headers = f"/v1/jobs/{job_id}/events", {"Last-Event-ID": last}
        try:
            with self._http.stream("GET", path, headers=headers) as answer:
                for line in answer.iter_lines() if answer.status_code == 200 else ():
                    name, _, value = line.partition(": ")
                    if line and name:
                        fields[name] = value
                    elif "id" in fields:
                        data = json.loads(fields["data"])
                        found.append(Line(int(fields["id"]), fields["event"], data))
                        fields = {}
        except httpx.TransportError:  # what came whole counts
            self.repeated += 1
        return found

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call until it succeeds.

        Raises:
            httpx.HTTPStatusError: an answer that trying again would not change.
            httpx.TransportError: the API stayed away.
        """
        return self._again(lambda: self._http.request(method, path, **more))

    def once(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call once and return whatever comes."""
        return self._http.request(method, path, **more)

    def _again(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                answer = call()
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if answer.status_code not in PASSING or time.monotonic() > deadline:
                    if answer.is_error:
                        raise httpx.HTTPStatusError(
                            answer.text, request=answer.request, response=answer
                        )
                    return answer
            self.repeated += 1
            time.sleep(
                PAUSE_SECONDS
            )  # the API is away: the one thing that tells nobody when it is back
