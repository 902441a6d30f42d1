"""API keys as text: `rtk_<id>_<secret>`.

The secret is 256 random bits. A slow hash (bcrypt, argon2) protects passwords, which people choose and
others guess; nobody guesses 256 random bits, however fast the hash. So SHA-256 it is: a stolen table gives no
key away, and a request costs microseconds.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

PREFIX = "rtk_"
"""Makes a leaked key recognisable to scanners of repositories and logs."""
_FORM = re.compile(rf"{PREFIX}([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; its text is shown once."""

    id: str
    """Names the key in lists and commands; no secret."""
    text: str = field(repr=False)


def new_key() -> NewKey:
    """Return a fresh key."""
    key_id = secrets.token_hex(6)
    return NewKey(key_id, f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}")


def id_of(text: str) -> str | None:
    """Return the id in a key's text; None where it has not the form of one."""
    found = _FORM.fullmatch(text)
    return found[1] if found else None


def digest(text: str) -> str:
    """Return what is stored of a key: SHA-256 of its whole text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_key_of(text: str, stored: str) -> bool:
    """Say whether a key has a stored digest; takes as long whatever the answer."""
    return hmac.compare_digest(digest(text), stored)
