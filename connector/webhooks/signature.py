"""Signatures of callbacks: Standard Webhooks 1.0, and one over the body alone.

Source: the specification of standard-webhooks (symmetric signatures, `v1`). The second one, in
`X-Signature-256`, is for receivers that can check nothing but a body, as Camunda's webhook connector.
"""

import base64
import binascii
import hashlib
import hmac
import secrets as random
import string
import time
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
MIN_KEY, MAX_KEY = 24, 64
"""Bytes of a key, by the specification."""
TOLERANCE = 300.0
"""Seconds that a message's timestamp may be off: clocks differ, and a captured message must grow old."""
ALPHABET = string.ascii_letters + string.digits


class SignatureInvalid(ValueError):
    """A message is not the sender's, was changed, or is too old."""


def new_secret() -> str:
    """Return a secret, `whsec_` and base64.

    Its key is 43 random letters and digits (256 bits) rather than any 32 bytes: Camunda takes a key only
    as text, so the key has to be one.
    """
    text = "".join(random.choice(ALPHABET) for _ in range(43))
    return PREFIX + base64.b64encode(text.encode()).decode()


def key_of(secret: str) -> bytes:
    """Return the key, 24 to 64 bytes, of a secret: base64 with or without `whsec_`.

    Raises:
        ValueError: no base64, or a key of another length; the message never holds the secret.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a webhook secret is {PREFIX}<base64>; this one is no base64") from None
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise ValueError(
            f"a webhook secret holds {MIN_KEY} to {MAX_KEY} bytes; this one has {len(key)}"
        )
    return key


def sign(message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """Return `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; the timestamp in seconds since 1970.

    Raises:
        ValueError: the secret is none (see `key_of`), or the id is empty or holds a full stop.
    """
    if not message_id or "." in message_id:
        raise ValueError(
            "a message id is not empty and holds no full stop: it ends at the first one"
        )
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    digest = hmac.digest(key_of(secret), content, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def sign_body(body: bytes, secret: str) -> str:
    """Return `sha256=<hex HMAC-SHA256 of the body>`; raises as `key_of`."""
    return "sha256=" + hmac.digest(key_of(secret), body, hashlib.sha256).hex()


def signed_headers(
    message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """Return the headers that sign a message.

    Args:
        message_id: the same at every attempt, so that a receiver knows a repetition.
        timestamp: of this attempt, seconds since 1970.
        body: the bytes that are sent.
        secrets: at least one; more while a receiver changes from one to the next: each signs. The
            header over the body alone has room for one signature, by the first.

    Raises:
        ValueError: no secret, or one of `sign`'s.
    """
    if not secrets:
        raise ValueError("a callback is signed with at least one secret; none is given")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(message_id, timestamp, body, s) for s in secrets),
        "X-Signature-256": sign_body(body, secrets[0]),
    }


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> None:
    """Check a message as a receiver does.

    Args:
        headers: of the message, names in any case.
        body: as received, before it is parsed.
        secret: shared with the sender.
        tolerance: seconds that the timestamp may lie in the past or the future.
        now: seconds since 1970; None reads the clock.

    Raises:
        SignatureInvalid: a header is missing or none of the signatures fits, or the time is off.
        ValueError: the secret is none (see `key_of`).
    """
    found = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, stamp, given = (
            found[f"webhook-{name}"] for name in ("id", "timestamp", "signature")
        )
        timestamp = int(stamp)
    except KeyError as missing:
        raise SignatureInvalid(f"the header {missing} is missing") from None
    except ValueError:
        raise SignatureInvalid("webhook-timestamp is no number of seconds") from None
    if abs((time.time() if now is None else now) - timestamp) > tolerance:
        raise SignatureInvalid(f"webhook-timestamp is more than {tolerance:g} s off")
    expected = sign(message_id, timestamp, body, secret).encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given.split(" ")):
        raise SignatureInvalid("none of the signatures is of this message by this secret")
