import pytest

from connector.fetch.naming import MAX_NAME, filename, media_type


@pytest.mark.parametrize(
    ("disposition", "path", "expected"),
    [
        ("", "/a/b.jpg", "b.jpg"),
        ("", "/", ""),
        ("", "", ""),
        ("", "/a%2F..%2F..%2Fpasswd", "passwd"),
        ("", "/K%C3%BCche.png", "Küche.png"),
        ('attachment; filename="kitchen 1.png"', "/x", "kitchen 1.png"),
        ("attachment; filename=kitchen.png", "/x", "kitchen.png"),
        ("attachment; filename*=UTF-8''K%C3%BCche.png", "/x", "Küche.png"),
        ('attachment; filename="../../etc/passwd"', "/x", "passwd"),
        ('attachment; filename="C:\\\\a\\\\b.png"', "/x", "b.png"),
        ('attachment; filename="..."', "/x.png", "x.png"),
        ('attachment; filename=".htaccess"', "/x.png", "htaccess"),
        ('attachment; filename="a\x00\nb.png"', "/x", "ab.png"),
        ("attachment; filename", "/x.png", "x.png"),
        ("inline", "/x.png", "x.png"),
    ],
)
def test_names(disposition: str, path: str, expected: str) -> None:
    assert filename(disposition, path) == expected


def test_long_names_keep_their_suffix() -> None:
    name = filename("", "/" + "a" * 500 + ".jpeg")
    assert len(name) == MAX_NAME
    assert name.endswith("a.jpeg")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image/png", "image/png"),
        ("Image/SVG+xml ; charset=utf-8", "image/svg+xml"),
        ("", ""),
        ("png", ""),
        ("image/png\r\nX: y", ""),
    ],
)
def test_media_types(text: str, expected: str) -> None:
    assert media_type(text) == expected
