"""What arrives: contents, names, limits on bytes and form."""

import gzip
import zlib

import pytest

from connector.fetch import Policy, Reason, SourceUnreachable, fetch, fetch_chunks
from steps.errors import Cancelled, ImageTooLarge
from tests.connector.fetch.names import Table
from tests.connector.fetch.server import HEAD, Script, answer, endless, raw, serving

NAMES = Table(store_test=["127.0.0.1"])


def listed(port: int, **limits: float) -> Policy:
    """A policy that lists store.test over http."""
    origins = frozenset({f"http://store.test:{port}"})
    return Policy(allowed_hosts=origins, **limits)  # type: ignore[arg-type]


def reason_of(script: Script, **limits: float) -> Reason:
    """Fetch what a script sends, and return why it failed."""
    with serving(script) as server, pytest.raises(SourceUnreachable) as caught:
        fetch(f"http://store.test:{server.port}/", listed(server.port, **limits), resolver=NAMES)
    assert caught.value.code == "source-unreachable"
    assert "127.0.0.1" not in caught.value.detail
    return caught.value.reason


def test_a_file_with_its_type_and_name() -> None:
    script = answer(b"pixels", "Content-Type: Image/PNG; charset=x")
    with serving(script) as server:
        url = f"http://store.test:{server.port}/a/kitchen%20one.png?sig=1"
        fetched = fetch(url, listed(server.port), resolver=NAMES)
    assert fetched.content == b"pixels"
    assert fetched.mime_type == "image/png"
    assert fetched.filename == "kitchen one.png"
    assert fetched.final_url == url
    assert server.requests[0].startswith(b"GET /a/kitchen%20one.png?sig=1 HTTP/1.1\r\n")
    assert server.header("host") == [f"store.test:{server.port}"]
    assert server.header("accept-encoding") == ["identity"]


def test_pieces_are_bounded_and_the_size_is_known() -> None:
    content = bytes(range(256)) * 4096
    with serving(answer(content)) as server:
        url = f"http://store.test:{server.port}/"
        with fetch_chunks(url, listed(server.port), resolver=NAMES) as source:
            assert source.size == len(content)
            chunks = list(source.chunks)
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 65536


def test_chunked_bodies_arrive() -> None:
    body = raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    with serving(body) as server:
        url = f"http://store.test:{server.port}/"
        assert fetch(url, listed(server.port), resolver=NAMES).content == b"abcde"


def test_the_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b"the proxy")) as proxy, serving(answer(b"the store")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        url = f"http://store.test:{server.port}/"
        assert fetch(url, listed(server.port), resolver=NAMES).content == b"the store"
        assert proxy.requests == []


@pytest.mark.parametrize(
    "script",
    [
        answer(b"x" * 1001),
        raw(HEAD + b"x" * 1001),
        endless(HEAD, b"x" * 65536),
        endless(
            HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), b"1\r\nx\r\n"
        ),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx"),
    ],
    ids=["announced", "unannounced", "endless", "endless-chunks", "boast"],
)
def test_more_bytes_than_allowed(script: Script) -> None:
    with serving(script) as server:
        url = f"http://store.test:{server.port}/"
        with pytest.raises(ImageTooLarge, match=r"store\.test has more"):
            fetch(url, listed(server.port, max_bytes=1000), resolver=NAMES)


def test_exactly_the_allowed_bytes_arrive() -> None:
    with serving(answer(b"x" * 1000)) as server:
        url = f"http://store.test:{server.port}/"
        policy = listed(server.port, max_bytes=1000)
        assert len(fetch(url, policy, resolver=NAMES).content) == 1000


@pytest.mark.parametrize(
    "head",
    ["Content-Length: 10", "Transfer-Encoding: chunked"],
)
def test_a_body_that_breaks_off(head: str) -> None:
    content = f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n4\r\nab"
    assert reason_of(raw(content.encode())) is Reason.INCOMPLETE


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(bytes(10_000_000))),
        ("deflate", zlib.compress(bytes(10_000_000))),
        ("br", b"x"),
        ("identity, gzip", gzip.compress(bytes(100))),
    ],
)
def test_compressed_bodies_are_refused(encoding: str, body: bytes) -> None:
    assert reason_of(answer(body, f"Content-Encoding: {encoding}")) is Reason.ENCODING


def test_identity_may_be_said() -> None:
    with serving(answer(b"x", "Content-Encoding: Identity")) as server:
        url = f"http://store.test:{server.port}/"
        assert fetch(url, listed(server.port), resolver=NAMES).content == b"x"


@pytest.mark.parametrize(
    "status", ["204 No Content", "206 Partial Content", "304 Not Modified", "403 F", "500 E"]
)
def test_only_200_is_a_file(status: str) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"
    assert reason_of(raw(head.encode())) is Reason.STATUS


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"-ERR unknown command\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"",
    ],
    ids=["ssh", "redis", "long", "many", "two-lengths", "minus", "digits", "te", "nothing"],
)
def test_what_is_no_answer(content: bytes) -> None:
    assert reason_of(raw(content)) in (Reason.PROTOCOL, Reason.CONNECT)


def test_endless_heads_end() -> None:
    assert reason_of(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")) is Reason.PROTOCOL


def test_endless_interim_answers_end_with_the_time() -> None:
    script = endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
    assert reason_of(script, total_seconds=0.3) is Reason.TIMEOUT


def test_the_connection_closes_when_the_caller_leaves_early() -> None:
    with serving(endless(HEAD, b"x" * 65536)) as server:
        url = f"http://store.test:{server.port}/"
        with fetch_chunks(url, listed(server.port), resolver=NAMES) as source:
            next(source.chunks)
        assert server.hung_up.wait(10)


def test_a_caller_may_give_up_between_pieces() -> None:
    received: list[int] = []
    with serving(endless(HEAD, b"x" * 65536)) as server:
        url = f"http://store.test:{server.port}/"
        with (
            pytest.raises(Cancelled),
            fetch_chunks(
                url,
                listed(server.port),
                resolver=NAMES,
                is_cancelled=lambda: len(received) >= 3,
            ) as source,
        ):
            received.extend(len(chunk) for chunk in source.chunks)
        assert server.hung_up.wait(10)
    assert len(received) == 3
