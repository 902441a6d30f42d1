"""Links to files that need no header: a token in the query shows that the service gave them out."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

KEY_NAME = "links"
"""Name of the shared key that signs."""
EXPIRES = "expires"
TOKEN = "token"  # noqa: S105 - the name of a field


class LinkInvalid(Exception):
    """The token is not ours, or the link was changed."""


class LinkExpired(Exception):
    """The link was ours, and its time is over."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and checks links of one installation."""

    base: str
    """Where callers reach the service, without a slash at its end."""
    key: bytes = field(repr=False)
    until: float
    """When links expire whose file's own end is not known yet; seconds since 1970."""

    def part(self, job_id: str, part_id: str, expires_at: float | None) -> str:
        """Return the link to a part of a job, which expires with the job."""
        return self._signed(f"/v1/jobs/{job_id}/parts/{part_id}/content", expires_at)

    def file(self, upload_id: str, expires_at: float) -> str:
        """Return the link to an upload's bytes."""
        return self._signed(f"/v1/files/{upload_id}/content", expires_at)

    def to(self, path: str) -> str:
        """Return the absolute address of a path; not signed."""
        return self.base + path

    def _signed(self, path: str, expires_at: float | None) -> str:
        expires = str(int(self.until if expires_at is None else expires_at))
        return f"{self.base}{path}?{EXPIRES}={expires}&{TOKEN}={sign(self.key, path, expires)}"


def sign(key: bytes, path: str, expires: str) -> str:
    """Return the token of a path until a time: HMAC-SHA256, in base64 that needs no escape."""
    digest = hmac.digest(key, f"{path}\n{expires}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check(key: bytes, path: str, expires: str, token: str, now: float) -> None:
    """Check the token of a link; whether it is ours comes before whether it is too late.

    Args:
        key: that signed it.
        path: of the request.
        expires: seconds since 1970, as the link says.
        token: as the link says.
        now: seconds since 1970.

    Raises:
        LinkInvalid: it is not ours.
        LinkExpired: it was.
    """
    expected = sign(key, path, expires).encode()
    if not hmac.compare_digest(expected, token.encode(errors="replace")):
        raise LinkInvalid("the link's token is not of this service, or the link was changed")
    if int(expires) <= now:
        raise LinkExpired("the link has expired; read the job again for a fresh one")
