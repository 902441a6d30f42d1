"""Why a source could not be fetched: one code, a reason for programs, a sentence for people.

A detail names what the caller wrote (scheme, host, port, status) and never what was found behind it: no
resolved address, no library's message, no path or query of the URL (they carry signatures). A name that
does not exist and a name inside a network read the same, so that nobody can list a network by asking.
"""

from enum import StrEnum

from steps.errors import StepError


class Reason(StrEnum):
    """What went wrong; the first six are refusals, made before anything is sent to that address."""

    URL = "url"
    """The URL cannot be read, or carries a user name or password."""
    SCHEME = "scheme"
    """Neither https, nor http to a listed origin."""
    HOST = "host"
    """The host is no name or address in its ordinary form."""
    PORT = "port"
    """A port that is not open to callers."""
    ADDRESS = "address"
    """The host has no address, or one that callers must not reach."""
    REDIRECT = "redirect"
    """Too many redirects, one without a target, or one from https to http."""
    ENCODING = "encoding"
    """The body is compressed, though it was asked for plain."""
    CONNECT = "connect"
    """No connection to any of the host's addresses, or it broke."""
    TLS = "tls"
    """The certificate is not valid for this host, or the two sides share no protocol."""
    TIMEOUT = "timeout"
    """A limit of the policy in seconds ran out."""
    STATUS = "status"
    """The host answered, but not with 200."""
    INCOMPLETE = "incomplete"
    """Fewer bytes came than were announced."""
    PROTOCOL = "protocol"
    """The answer is not HTTP/1.1, or its head is too large."""


REFUSALS = frozenset(
    {Reason.URL, Reason.SCHEME, Reason.HOST, Reason.PORT, Reason.ADDRESS, Reason.REDIRECT}
)
"""Reasons that are the guard's own decision."""


class SourceUnreachable(StepError):
    """A URL that a caller named was not fetched."""

    code = "source-unreachable"

    def __init__(self, reason: Reason, detail: str, *, pointer: str | None = None) -> None:
        """Keep the reason; detail and pointer as in `StepError`."""
        super().__init__(detail, pointer=pointer)
        self.reason = reason

    @property
    def refused(self) -> bool:
        """Whether the guard refused, so that the same URL can only succeed after a change of settings or DNS."""
        return self.reason in REFUSALS

    def __reduce__(self) -> tuple[type, tuple[Reason, str], dict[str, object]]:
        """Keep the error whole between processes: the base class's arguments are others."""
        return type(self), (self.reason, self.detail), {"pointer": self.pointer}
