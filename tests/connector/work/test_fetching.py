"""Parts by URL, through the guard, on a real socket."""

import pytest

from connector.fetch import SourceUnreachable
from connector.jobs.model import ClaimedPart
from connector.settings import Settings
from connector.work.fetching import fetcher, policy_of
from steps.errors import Cancelled, ImageTooLarge
from steps.imaging.limits import Limits
from tests.connector.fetch.server import Script, answer, serving


def fetch(script: Script, *, max_bytes: int = 1000, stopped: bool = False) -> bytes:
    with serving(script) as server:
        host = f"http://127.0.0.1:{server.port}"
        settings = Settings(fetch_hosts=frozenset({host}))
        part = ClaimedPart(
            id="p",
            type="BASE_PART",
            role="source",
            filename="a.png",
            mime_type="image/png",
            sha256=None,
            url=f"{host}/a.png?signature=secret",
        )
        policy = policy_of(settings, Limits(max_bytes=max_bytes))
        return fetcher(policy)(part, lambda: stopped)


def test_a_listed_host_is_fetched_from() -> None:
    assert fetch(answer(b"picture")) == b"picture"


def test_a_failure_names_the_part_and_no_signature() -> None:
    with pytest.raises(SourceUnreachable) as raised:
        fetch(answer(b"", status="404 Not Found"))
    assert raised.value.code == "source-unreachable"
    assert raised.value.pointer == "a.png"
    assert "secret" not in raised.value.detail


def test_a_file_may_be_as_large_as_the_steps_take() -> None:
    with pytest.raises(ImageTooLarge) as raised:
        fetch(answer(b"x" * 1001))
    assert raised.value.pointer == "a.png"


def test_a_worker_that_is_to_stop_fetches_nothing() -> None:
    with pytest.raises(Cancelled):
        fetch(answer(b"picture"), stopped=True)
