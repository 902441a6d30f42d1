"""Servers and name servers that mean harm, beyond `test_guard` and `test_fetch`; for sources and callbacks."""

import socket
import threading
from collections.abc import Sequence

import pytest

from connector.fetch import Policy, Reason, SourceUnreachable, fetch, post
from connector.fetch.addresses import Address
from tests.connector.fetch.names import Table
from tests.connector.fetch.server import HEAD, answer, raw, redirect, serving

INSIDE = (
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["100.100.100.200"],
    ["fe80::1"],
    ["fd00:ec2::254"],
    ["::ffff:10.0.0.1"],
    ["::ffff:169.254.169.254"],
    ["64:ff9b::a00:1"],
    ["64:ff9b::a9fe:a9fe"],
    ["93.184.216.34", "192.168.1.1"],
)


@pytest.mark.parametrize("addresses", INSIDE, ids=",".join)
def test_a_callback_goes_where_a_source_may_lie_and_no_further(addresses: list[str]) -> None:
    names = Table(evil_test=addresses)
    with pytest.raises(SourceUnreachable) as caught:
        post("https://evil.test/", b"{}", {}, Policy(), 5, resolver=names)
    assert caught.value.reason is Reason.ADDRESS
    assert all(address not in caught.value.detail for address in addresses)


class Changing(Table):
    """Gives the first addresses once, and the second ones from then on."""

    def __init__(self, name: str, first: Sequence[str], then: Sequence[str]) -> None:
        super().__init__()
        self.addresses[name] = first
        self._then = then

    def __call__(self, host: str, port: int) -> list[Address]:
        found = super().__call__(host, port)
        self.addresses[host] = self._then
        return found


@pytest.mark.parametrize("then", ["169.254.169.254", "::ffff:169.254.169.254", "0.0.0.0"])
def test_a_name_that_changes_between_a_redirect_and_its_target(then: str) -> None:
    names = Changing("store.test", ["127.0.0.1"], [then])
    with serving(redirect("/again"), answer(b"secret")) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://store.test:{server.port}"}))
        with pytest.raises(SourceUnreachable) as caught:
            fetch(f"http://store.test:{server.port}/", policy, resolver=names)
        assert len(server.requests) == 1
    assert caught.value.reason is Reason.ADDRESS
    assert names.asked == ["store.test", "store.test"]


def test_a_name_that_changes_between_two_attempts_of_a_callback() -> None:
    names = Changing("hook.test", ["127.0.0.1"], ["169.254.169.254"])
    with serving(answer(b"", status="503 Busy")) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://hook.test:{server.port}"}))
        url = f"http://hook.test:{server.port}/"
        assert post(url, b"{}", {}, policy, 5, resolver=names).status == 503
        with pytest.raises(SourceUnreachable):
            post(url, b"{}", {}, policy, 5, resolver=names)
        assert len(server.requests) == 1


def test_a_body_that_drips_for_ever_ends_with_the_whole_time() -> None:
    def dripping(client: socket.socket, over: threading.Event) -> None:
        client.sendall(HEAD)
        while not over.wait(0.02):
            client.sendall(b"x")

    with serving(dripping) as server:
        origins = frozenset({f"http://127.0.0.1:{server.port}"})
        policy = Policy(allowed_hosts=origins, idle_seconds=5, total_seconds=0.3)
        with pytest.raises(SourceUnreachable, match=r"longer than 0\.3 s"):
            fetch(f"http://127.0.0.1:{server.port}/", policy)
        assert server.hung_up.wait(10)


def test_a_head_that_drips_for_ever_ends_with_the_whole_time() -> None:
    def dripping(client: socket.socket, over: threading.Event) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not over.wait(0.02):
            client.sendall(b"y")

    with serving(dripping) as server:
        origins = frozenset({f"http://127.0.0.1:{server.port}"})
        policy = Policy(allowed_hosts=origins, idle_seconds=5, total_seconds=0.3)
        with pytest.raises(SourceUnreachable, match=r"longer than 0\.3 s"):
            fetch(f"http://127.0.0.1:{server.port}/", policy)


def test_more_bytes_than_were_announced_are_not_the_files() -> None:
    content = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfile" + b"HTTP/1.1 200 OK\r\n\r\nmore"
    with serving(raw(content)) as server:
        origins = frozenset({f"http://127.0.0.1:{server.port}"})
        fetched = fetch(f"http://127.0.0.1:{server.port}/", Policy(allowed_hosts=origins))
    assert fetched.content == b"file"


def test_length_and_chunks_at_once_are_one_file_or_none() -> None:
    """What proxies disagree about (RFC 9112, section 6.3): the chunks count, and nothing is left over."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(raw(head + b"4\r\nfile\r\n0\r\n\r\n")) as server:
        origins = frozenset({f"http://127.0.0.1:{server.port}"})
        fetched = fetch(f"http://127.0.0.1:{server.port}/", Policy(allowed_hosts=origins))
    assert fetched.content == b"file"
