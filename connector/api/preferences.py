"""Headers by which a caller says how it wants to be served: Prefer, Idempotency-Key."""

import hashlib
import re

from starlette.requests import Request

from connector.api.problems import ApiError
from connector.jobs.create import IdempotencyKey

LONGEST_WAIT = 60.0
"""Seconds that a long poll may take: most proxies cut a silent connection after that."""
LONGEST_KEY = 255

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,9})\"?", re.ASCII | re.IGNORECASE)


def wait_of(request: Request) -> float | None:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), at most `LONGEST_WAIT`; None where nobody asks."""
    for header in request.headers.getlist("prefer"):
        for preference in header.split(","):
            found = _WAIT.fullmatch(preference.partition(";")[0].strip())
            if found:
                return min(LONGEST_WAIT, float(found[1]))
    return None


def applied(seconds: float | None) -> dict[str, str]:
    """Return the header that says which wait was granted."""
    return {} if seconds is None else {"Preference-Applied": f"wait={seconds:g}"}


def idempotency_key(request: Request, body_sha256: str) -> IdempotencyKey | None:
    """Return the caller's key, quoted or bare, with the fingerprint of the request; None without one.

    Args:
        request: for its method, path and header.
        body_sha256: of what decides the result.

    Raises:
        ApiError: the key is empty, too long or holds odd characters.
    """
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = given.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        detail = f"an idempotency key has 1 to {LONGEST_KEY} printable ASCII characters"
        raise ApiError("request-invalid", detail, errors=(("Idempotency-Key", detail),))
    seen = f"{request.method}\n{request.url.path}\n{body_sha256}"
    return IdempotencyKey(key=key, fingerprint=hashlib.sha256(seen.encode()).hexdigest())
