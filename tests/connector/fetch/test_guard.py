"""Where connections go: addresses, names that change, redirects, TLS."""

import pickle
import threading
from pathlib import Path

import pytest

from connector.fetch import Policy, Reason, SourceUnreachable, fetch
from steps.errors import Cancelled
from tests.connector.fetch.conftest import Authority
from tests.connector.fetch.names import Table
from tests.connector.fetch.server import answer, endless, redirect, serving, stalling

PUBLIC = "93.184.216.34"


def refused(url: str, names: Table, policy: Policy | None = None) -> SourceUnreachable:
    """Fetch, and return the refusal."""
    with pytest.raises(SourceUnreachable) as caught:
        fetch(url, policy or Policy(), resolver=names)
    assert caught.value.refused
    return caught.value


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        ["::ffff:127.0.0.1"],
        ["2002:7f00:1::"],
        ["64:ff9b::7f00:1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        ["2606:4700::1111", "fe80::1"],
        [],
    ],
)
def test_a_name_with_any_address_that_is_not_public(addresses: list[str]) -> None:
    error = refused("https://evil.test/", Table(evil_test=addresses))
    assert error.reason is Reason.ADDRESS
    assert all(address not in error.detail for address in addresses)


def test_an_unknown_name_and_a_private_one_read_the_same() -> None:
    names = Table(x_test=["10.0.0.1"])
    private = refused("https://x.test/", names).detail
    assert private == refused("https://y.test/", names).detail.replace("y.test", "x.test")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "0.0.0.0", "[::]"]
)
def test_addresses_in_the_url(host: str) -> None:
    names = Table()
    assert refused(f"https://{host}/", names).reason is Reason.ADDRESS
    assert names.asked == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "0.0.0.0"])
def test_listing_does_not_open_what_nobody_may_reach(host: str) -> None:
    policy = Policy(allowed_hosts=frozenset({f"http://{host}"}))
    assert refused(f"http://{host}/", Table(), policy).reason is Reason.ADDRESS


def test_a_listed_name_that_points_at_the_metadata_service() -> None:
    policy = Policy(allowed_hosts=frozenset({"http://store.test"}))
    names = Table(store_test=["169.254.169.254"])
    assert refused("http://store.test/", names, policy).reason is Reason.ADDRESS


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://public.test/", Reason.SCHEME),
        ("https://public.test:22/", Reason.PORT),
        ("https://public.test:80/", Reason.PORT),
        ("https://public.test:8443/", Reason.PORT),
    ],
)
def test_schemes_and_ports_that_are_not_listed(url: str, reason: Reason) -> None:
    names = Table(public_test=[PUBLIC])
    assert refused(url, names).reason is reason
    assert names.asked == []


def test_the_name_is_asked_once_and_the_answer_is_pinned(ca: Authority) -> None:
    """Whatever the name server says after the check, nobody asks it again."""

    class Rebinding(Table):
        def __call__(self, host: str, port: int):  # type: ignore[no-untyped-def]
            answers = super().__call__(host, port)
            self.addresses[host] = ["169.254.169.254"]
            return answers

    names = Rebinding(store_test=["127.0.0.1"])
    with serving(answer(b"ok"), tls=ca.context("store.test")) as server:
        policy = Policy(allowed_hosts=frozenset({f"store.test:{server.port}"}), ca_file=ca.file)
        url = f"https://store.test:{server.port}/"
        assert fetch(url, policy, resolver=names).content == b"ok"
        assert names.asked == ["store.test"]
        assert server.names == ["store.test"]
        assert server.header("host") == [f"store.test:{server.port}"]
        assert refused(url, names, policy).reason is Reason.ADDRESS
        assert len(server.requests) == 1


def test_each_redirect_is_resolved_and_checked_anew() -> None:
    names = Table(store_test=["127.0.0.1"], inside_test=["127.0.0.1"])
    with serving(answer(b"secret")) as inside:
        script = redirect(f"http://inside.test:{inside.port}/")
        with serving(script) as server:
            policy = Policy(allowed_hosts=frozenset({f"http://store.test:{server.port}"}))
            error = refused(f"http://store.test:{server.port}/", names, policy)
        assert error.reason is Reason.SCHEME
        assert inside.requests == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://inside.test/", Reason.ADDRESS),
        ("https://169.254.169.254/latest/meta-data/", Reason.ADDRESS),
        ("https://[::ffff:169.254.169.254]/", Reason.ADDRESS),
        ("https://inside.test:6379/", Reason.PORT),
        ("http://public.test/", Reason.SCHEME),
        ("file:///etc/passwd", Reason.SCHEME),
        ("gopher://127.0.0.1/", Reason.SCHEME),
        ("https://user:word@public.test/", Reason.URL),
        ("http://0x7f.1/", Reason.HOST),
        ("https://[::1", Reason.REDIRECT),
        ("", Reason.REDIRECT),
    ],
)
def test_redirects_that_are_refused(location: str, reason: Reason) -> None:
    names = Table(store_test=["127.0.0.1"], inside_test=["10.0.0.1"], public_test=[PUBLIC])
    with serving(redirect(location)) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://store.test:{server.port}"}))
        error = refused(f"http://store.test:{server.port}/", names, policy)
    assert error.reason is reason


def test_no_redirect_from_https_to_http(ca: Authority) -> None:
    names = Table(store_test=["127.0.0.1"])
    with serving(answer(b"plain")) as plain:
        script = redirect(f"http://store.test:{plain.port}/")
        with serving(script, tls=ca.context("store.test")) as server:
            origins = {f"store.test:{server.port}", f"http://store.test:{plain.port}"}
            policy = Policy(allowed_hosts=frozenset(origins), ca_file=ca.file)
            error = refused(f"https://store.test:{server.port}/", names, policy)
        assert error.reason is Reason.REDIRECT
        assert plain.requests == []


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_a_redirect_is_followed(status: str) -> None:
    names = Table(store_test=["127.0.0.1"])
    with serving(redirect("/b/c.png", status), answer(b"there")) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://store.test:{server.port}"}))
        fetched = fetch(f"http://store.test:{server.port}/a", policy, resolver=names)
    assert fetched.content == b"there"
    assert fetched.filename == "c.png"
    assert fetched.final_url == f"http://store.test:{server.port}/b/c.png"


def test_redirects_end() -> None:
    names = Table(store_test=["127.0.0.1"])
    with serving(redirect("/again")) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://store.test:{server.port}"}))
        error = refused(f"http://store.test:{server.port}/", names, policy)
    assert error.reason is Reason.REDIRECT
    assert len(server.requests) == 6


def test_cookies_and_the_first_url_go_nowhere_else() -> None:
    names = Table(store_test=["127.0.0.1"], other_test=["127.0.0.1"])
    with serving(answer(b"ok")) as other:
        location = f"http://other.test:{other.port}/"
        script = answer(b"", f"Location: {location}", "Set-Cookie: a=b", status="302 Found")
        with serving(script) as server:
            origins = {f"http://store.test:{server.port}", f"http://other.test:{other.port}"}
            policy = Policy(allowed_hosts=frozenset(origins))
            fetch(f"http://store.test:{server.port}/?sig=secret", policy, resolver=names)
        for name in ("cookie", "referer", "authorization"):
            assert other.header(name) == []
        assert b"secret" not in other.requests[0]


@pytest.mark.parametrize("trusted", [True, False])
def test_certificates_are_checked(ca: Authority, trusted: bool) -> None:
    """For the wrong name by the right authority, and for the right name by an unknown one."""
    name = "other.test" if trusted else "store.test"
    with serving(answer(b"ok"), tls=ca.context(name)) as server:
        policy = Policy(
            allowed_hosts=frozenset({f"store.test:{server.port}"}),
            ca_file=ca.file if trusted else None,
        )
        url = f"https://store.test:{server.port}/"
        with pytest.raises(SourceUnreachable, match=r"certificate of store\.test") as caught:
            fetch(url, policy, resolver=Table(store_test=["127.0.0.1"]))
    assert caught.value.reason is Reason.TLS
    assert server.requests == []


def test_a_server_without_tls() -> None:
    with serving(answer(b"ok")) as server:
        policy = Policy(allowed_hosts=frozenset({f"127.0.0.1:{server.port}"}), connect_seconds=0.3)
        with pytest.raises(SourceUnreachable) as caught:
            fetch(f"https://127.0.0.1:{server.port}/", policy)
    assert caught.value.reason in (Reason.TLS, Reason.TIMEOUT)


def test_the_next_address_is_tried() -> None:
    """Nothing listens at 127.0.0.2 on that port."""
    names = Table(store_test=["127.0.0.2", "127.0.0.1"])
    with serving(answer(b"ok")) as server:
        policy = Policy(allowed_hosts=frozenset({f"http://store.test:{server.port}"}))
        url = f"http://store.test:{server.port}/"
        assert fetch(url, policy, resolver=names).content == b"ok"


def test_nobody_listens() -> None:
    with serving(answer(b"")) as server:
        port = server.port
    policy = Policy(allowed_hosts=frozenset({f"http://127.0.0.1:{port}"}))
    with pytest.raises(SourceUnreachable) as caught:
        fetch(f"http://127.0.0.1:{port}/", policy)
    assert caught.value.reason is Reason.CONNECT
    assert not caught.value.refused


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_a_server_that_falls_silent(sent: bytes) -> None:
    with serving(stalling(sent)) as server:
        policy = Policy(
            allowed_hosts=frozenset({f"http://127.0.0.1:{server.port}"}), idle_seconds=0.1
        )
        with pytest.raises(SourceUnreachable, match="sent nothing") as caught:
            fetch(f"http://127.0.0.1:{server.port}/", policy)
    assert caught.value.reason is Reason.TIMEOUT


def test_a_server_that_never_stops() -> None:
    with serving(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as server:
        policy = Policy(
            allowed_hosts=frozenset({f"http://127.0.0.1:{server.port}"}), total_seconds=0.3
        )
        with pytest.raises(SourceUnreachable, match=r"longer than 0\.3 s"):
            fetch(f"http://127.0.0.1:{server.port}/", policy)


def test_a_name_server_that_never_answers() -> None:
    over = threading.Event()

    def silent(host: str, port: int) -> list[object]:
        over.wait(30)
        return []

    policy = Policy(connect_seconds=0.1)
    try:
        with pytest.raises(SourceUnreachable, match="was not resolved") as caught:
            fetch("https://public.test/", policy, resolver=silent)  # type: ignore[arg-type]
    finally:
        over.set()
    assert caught.value.reason is Reason.TIMEOUT


def test_cancelled_before_the_first_byte() -> None:
    names = Table(public_test=[PUBLIC])
    with pytest.raises(Cancelled):
        fetch("https://public.test/", Policy(), resolver=names, is_cancelled=lambda: True)
    assert names.asked == []


def test_the_systems_resolver_knows_this_machine() -> None:
    with pytest.raises(SourceUnreachable) as caught:
        fetch("https://localhost/", Policy())
    assert caught.value.reason is Reason.ADDRESS


def test_the_error_travels_between_processes() -> None:
    error = SourceUnreachable(Reason.PORT, "no", pointer="/items/0/parts/0/url")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.reason, copy.detail, copy.pointer) == (error.reason, "no", error.pointer)


def test_a_missing_authority_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.pem"):
        Policy(ca_file=tmp_path / "none.pem")


def test_a_damaged_authority_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("nothing")
    policy = Policy(ca_file=damaged)
    with pytest.raises(ValueError, match=r"damaged\.pem"):
        fetch("https://public.test/", policy, resolver=Table(public_test=[PUBLIC]))
