from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.data_urls import decode, encode


@given(st.binary())
def test_round_trip(content: bytes) -> None:
    assert decode(encode("image/png", content)) == ("image/png", content)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("data:,a%20b", ("", b"a b")),
        ("DATA:image/PNG;base64,aGk=", ("image/png", b"hi")),
        ("data:image/svg+xml;charset=utf-8,%3Csvg/%3E", ("image/svg+xml", b"<svg/>")),
        ("data:;base64,aGk%3D", ("", b"hi")),
        ("data:text/plain;charset=x;Base64,aGk=", ("text/plain", b"hi")),
    ],
)
def test_forms_of_the_standard(url: str, expected: tuple[str, bytes]) -> None:
    assert decode(url) == expected


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://example.org/a.png", "https:"),
        ("file:///etc/passwd", "file:"),
        ("", "only data:"),
        ("aGk=", "only data:"),
        ("data:image/png;base64", "comma"),
        ("data:image/png;base64,aGk", "damaged"),
        ("data:image/png;base64,a Gk=", "damaged"),
        ("data:image/png;base64,ä", "damaged"),
    ],
)
def test_anything_else_is_refused(url: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        decode(url)


@given(st.text())
def test_any_text_decodes_or_is_refused(text: str) -> None:
    with suppress(ValueError):
        decode(text)
    with suppress(ValueError):
        decode("data:image/png;base64," + text)
