from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.fetch import Policy, Reason, SourceUnreachable
from connector.fetch.targets import NAME, Origin, Target


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Store.Example/a.jpg?x=1#top", Origin("https", "store.example", 443)),
        ("https://store.example./", Origin("https", "store.example", 443)),
        ("HTTPS://store.example:443", Origin("https", "store.example", 443)),
        ("http://store.example", Origin("http", "store.example", 80)),
        ("https://store.example:8443/", Origin("https", "store.example", 8443)),
        ("https://bücher.example/ä", Origin("https", "xn--bcher-kva.example", 443)),
        ("https://93.184.216.34/", Origin("https", "93.184.216.34", 443)),
        ("https://[2606:4700:0::1111]/", Origin("https", "2606:4700::1111", 443)),
        # IDNA takes the ideographic full stop for a dot: it must be read before the address is judged.
        ("https://127。0。0。1/", Origin("https", "127.0.0.1", 443)),
    ],
)
def test_origins(url: str, origin: Origin) -> None:
    assert Target.parse(url).origin == origin


def test_the_path_and_the_query_stay_and_the_fragment_goes() -> None:
    target = Target.parse("https://s.example/a%2Fb/ä?sig=%2B/x&y=1#z")
    assert str(target.url) == "https://s.example/a%2Fb/%C3%A4?sig=%2B/x&y=1"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", Reason.SCHEME),
        ("store.example/a.jpg", Reason.SCHEME),
        ("//store.example/a.jpg", Reason.SCHEME),
        ("ftp://store.example/", Reason.SCHEME),
        ("file:///etc/passwd", Reason.SCHEME),
        ("gopher://127.0.0.1:6379/_", Reason.SCHEME),
        ("https:///a", Reason.HOST),
        ("https:store.example", Reason.HOST),
        ("https://user:word@store.example/", Reason.URL),
        ("https://user@store.example/", Reason.URL),
        ("https://store.example\\@127.0.0.1/", Reason.URL),
        ("https://store.example /", Reason.URL),
        (" https://store.example/", Reason.URL),
        ("https://store.example/\r\nX: y", Reason.URL),
        ("https://[::1/", Reason.URL),
        ("https://store.example:0/", Reason.PORT),
        ("https://store.example:65536/", Reason.PORT),
        ("https://a%2eb/", Reason.HOST),
        ("https://a..b/", Reason.HOST),
        ("https://" + "a" * 64 + ".example/", Reason.HOST),
        ("https://１２７.0.0.1/", Reason.URL),
        ("http://0x7f.1/", Reason.HOST),
        ("http://0x7f000001/", Reason.HOST),
        ("http://2130706433/", Reason.HOST),
        ("http://017700000001/", Reason.HOST),
        ("http://127.1/", Reason.HOST),
        ("http://0177.0.0.1/", Reason.URL),
        ("http://1.2.3.4.5/", Reason.HOST),
        ("https://[fe80::1%25eth0]/", Reason.HOST),
        ("https://[::g]/", Reason.URL),
    ],
)
def test_what_is_no_url_of_ours(url: str, reason: Reason) -> None:
    with pytest.raises(SourceUnreachable) as caught:
        Target.parse(url)
    assert caught.value.reason is reason
    assert caught.value.refused


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x3100)))
def test_a_host_is_a_name_or_an_address(host: str) -> None:
    with suppress(SourceUnreachable):
        origin = Target.parse(f"https://{host}/").origin
        assert origin.address is not None or NAME.fullmatch(origin.host)


@pytest.mark.parametrize(
    ("base", "location", "expected"),
    [
        ("https://a.example/x/y", "../z", "https://a.example/z"),
        ("https://a.example/x", "//b.example/", "https://b.example/"),
        ("https://a.example/x", "https://b.example", "https://b.example"),
        ("https://a.example/x", "?q=1", "https://a.example/x?q=1"),
    ],
)
def test_redirects_join(base: str, location: str, expected: str) -> None:
    assert str(Target.parse(base).joined(location).url) == expected


def test_authority_for_the_host_header() -> None:
    assert Target.parse("https://[2606:4700::1]:8443/").origin.authority == "[2606:4700::1]:8443"
    assert Target.parse("https://a.example:443/").origin.authority == "a.example"


@pytest.mark.parametrize(
    ("entry", "allowed", "other"),
    [
        ("store.internal", "https://store.internal/x", "http://store.internal/"),
        ("http://minio:9000", "http://minio:9000/b/k", "http://minio:9001/"),
        ("store.internal:9443", "https://store.internal:9443/", "https://store.internal:9444/"),
    ],
)
def test_a_listed_origin_opens_itself_alone(entry: str, allowed: str, other: str) -> None:
    policy = Policy(allowed_hosts=frozenset({entry}))
    policy.admit(Target.parse(allowed))
    with pytest.raises(SourceUnreachable):
        policy.admit(Target.parse(other))


@pytest.mark.parametrize("entry", ["", "store/path", "ftp://x", "*.internal", "http://u@x"])
def test_what_is_no_origin_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="allowed host"):
        Policy(allowed_hosts=frozenset({entry}))
