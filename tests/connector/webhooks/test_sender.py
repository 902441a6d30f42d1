import random

import pytest

from connector.fetch import Policy
from connector.webhooks import sender
from connector.webhooks.schedule import Verdict
from connector.webhooks.sender import MAX_BODY_BYTES, Outcome, Outgoing, send
from connector.webhooks.signature import new_secret, verify
from tests.connector.fetch.conftest import Authority, ca
from tests.connector.fetch.names import Table
from tests.connector.fetch.server import (
    HEAD,
    Script,
    Server,
    answer,
    endless,
    raw,
    redirect,
    serving,
    stalling,
)

__all__ = ["ca"]

SECRET = new_secret()
NOW = 1_445_412_480.0
BODY = b'{"type":"job.finished","data":{"id":"j1"}}'


def outgoing(port: int, attempt: int = 1) -> Outgoing:
    """A callback to the test's server."""
    return Outgoing("msg_1", f"http://127.0.0.1:{port}/hook?token=t", BODY, (SECRET,), attempt)


def attempt_at(script: Script, attempt: int = 1) -> tuple[Outcome, Server]:
    """Send one callback to a script."""
    with serving(script) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://127.0.0.1:{server.port}"}))
        found = send(outgoing(server.port, attempt), policy, lambda: NOW, rng=random.Random(0))
    return found, server


def test_a_delivered_callback_verifies_at_the_receiver() -> None:
    outcome, server = attempt_at(answer(b"thanks", status="202 Accepted"))
    assert (outcome.status, outcome.error, outcome.next_in) == (202, None, None)
    assert outcome.verdict is Verdict.DELIVERED
    assert 0 < outcome.seconds < 10
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?token=t HTTP/1.1\r\n")
    assert body == BODY
    assert server.header("content-type") == ["application/json"]
    assert server.header("content-length") == [str(len(BODY))]
    names = ("webhook-id", "webhook-timestamp", "webhook-signature", "x-signature-256")
    headers = {name: value for name in names for value in server.header(name)}
    verify(headers, body, SECRET, now=NOW)
    assert headers["webhook-timestamp"] == "1445412480"


@pytest.mark.parametrize("status", ["404 Not Found", "409 Conflict", "400 B", "500 E"])
def test_an_answer_that_is_tried_again(status: str) -> None:
    outcome, _ = attempt_at(answer(b"not registered", status=status))
    assert outcome.status == int(status[:3])
    assert outcome.error == "not registered"
    assert outcome.verdict is Verdict.RETRY
    assert outcome.next_in is not None
    assert 5 <= outcome.next_in <= 6


def test_gone_ends_it() -> None:
    outcome, _ = attempt_at(answer(b"", status="410 Gone"))
    assert outcome.verdict is Verdict.GIVE_UP
    assert outcome.next_in is None


def test_the_seventh_failure_ends_it() -> None:
    outcome, _ = attempt_at(answer(b"", status="500 E"), attempt=7)
    assert (outcome.verdict, outcome.next_in) == (Verdict.GIVE_UP, None)


def test_a_receiver_may_ask_for_time() -> None:
    outcome, _ = attempt_at(answer(b"", "Retry-After: 90", status="429 Too Many"))
    assert outcome.next_in == 90
    outcome, _ = attempt_at(
        answer(b"", "Retry-After: Wed, 21 Oct 2015 07:38:00 GMT", status="503 U")
    )
    assert outcome.next_in == 600


def test_redirects_are_not_followed() -> None:
    outcome, server = attempt_at(redirect("/elsewhere", "307 Temporary Redirect"))
    assert (outcome.status, outcome.verdict) == (307, Verdict.RETRY)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script", [endless(HEAD, b"x" * 65536), raw(HEAD[:-2] + b"Content-Length: 9\r\n\r\nx")]
)
def test_the_status_counts_whatever_the_body_does(script: Script) -> None:
    outcome, _ = attempt_at(script)
    assert outcome.verdict is Verdict.DELIVERED


def test_only_the_beginning_of_an_answer_is_kept() -> None:
    outcome, _ = attempt_at(answer("é".encode() * 100_000, status="500 E"))
    assert outcome.error is not None
    assert outcome.error.startswith("ééé")
    assert len(outcome.error.encode()) <= 2048


def test_a_silent_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "ATTEMPT_SECONDS", 0.1)
    outcome, _ = attempt_at(stalling(b""))
    assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
    assert outcome.error is not None
    assert outcome.error == "it took longer than 0.1 s"


@pytest.mark.parametrize(
    "url", ["https://inside.test/", "http://public.test/", "https://169.254.169.254/", "nonsense"]
)
def test_the_guard_stands_before_callbacks_too(url: str) -> None:
    names = Table(inside_test=["10.0.0.1"], public_test=["93.184.216.34"])
    outcome = send(Outgoing("msg_1", url, BODY, (SECRET,)), Policy(), resolver=names)
    assert (outcome.status, outcome.verdict) == (None, Verdict.RETRY)
    assert outcome.error


def test_over_tls(ca: Authority) -> None:
    with serving(answer(b""), tls=ca.context("hook.test")) as server:
        policy = Policy(allowed_hosts=frozenset({f"hook.test:{server.port}"}), ca_file=ca.file)
        delivery = Outgoing("msg_1", f"https://hook.test:{server.port}/", BODY, (SECRET,))
        outcome = send(delivery, policy, resolver=Table(hook_test=["127.0.0.1"]))
    assert outcome.verdict is Verdict.DELIVERED


def test_a_callback_is_small_and_keeps_its_secrets_out_of_logs() -> None:
    with pytest.raises(ValueError, match="under 20000 bytes"):
        Outgoing("msg_1", "https://a.test/", b"x" * MAX_BODY_BYTES, (SECRET,))
    shown = repr(outgoing(1))
    assert SECRET not in shown
    assert "token" not in shown
