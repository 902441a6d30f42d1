"""`data:` URLs (RFC 2397): a picture inside JSON."""

import base64
import binascii
from urllib.parse import unquote_to_bytes


def decode(url: str) -> tuple[str, bytes]:
    """Return (media type, bytes) of a `data:` URL; the type is "" where it names none.

    Raises:
        ValueError: it is no `data:` URL, has no comma, or its base64 is damaged.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() != "data":
        raise ValueError(f"only data: URLs are taken here; given: {scheme[:20]}:")
    head, comma, body = rest.partition(",")
    if not comma:
        raise ValueError("a data: URL is data:<media type>;base64,<bytes>; the comma is missing")
    media_type, *options = (word.strip() for word in head.split(";"))
    raw = unquote_to_bytes(body) if "%" in body else body.encode()
    if "base64" not in (option.lower() for option in options):
        return media_type.lower(), raw
    try:
        return media_type.lower(), base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise ValueError(f"the base64 of the data: URL is damaged: {error}") from None


def encode(media_type: str, content: bytes) -> str:
    """Return the `data:` URL of some bytes."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
