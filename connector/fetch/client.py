"""Fetch a caller's URL, or post to it, through the guard."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import httpcore

from connector.fetch.errors import Reason, SourceUnreachable
from connector.fetch.exchange import exchange
from connector.fetch.naming import filename, media_type
from connector.fetch.network import Limits
from connector.fetch.policy import MIB, Policy
from connector.fetch.resolve import Resolver, system_resolver
from connector.fetch.targets import Target
from steps.errors import ImageTooLarge

REDIRECTS = (301, 302, 303, 307, 308)
EXCERPT_BYTES = 2048
"""Bytes of a webhook's answer that are kept: enough for a problem's detail."""


@dataclass(frozen=True, slots=True)
class Source:
    """An answer whose body is on the way."""

    chunks: Iterator[bytes]
    """The body in pieces of at most 64 KiB; raises as `fetch_chunks`."""
    mime_type: str
    """As the sender claims, without parameters; "" where it says none."""
    filename: str
    """From Content-Disposition or the URL, without folders; "" where neither has one."""
    final_url: str
    """Where the redirects ended. May carry a signature: not for logs."""
    size: int | None
    """Bytes announced; None where none were."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file; the fields are those of `Source`."""

    content: bytes
    mime_type: str
    filename: str
    final_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered to a post."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of repeated ones the last."""
    excerpt: str
    """The beginning of the body, at most 2,048 bytes of it."""


def fetch(
    url: str,
    policy: Policy,
    *,
    resolver: Resolver = system_resolver,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Return a whole file; see `fetch_chunks`."""
    with fetch_chunks(url, policy, resolver=resolver, is_cancelled=is_cancelled) as source:
        content = b"".join(source.chunks)
    return Fetched(content, source.mime_type, source.filename, source.final_url)


@contextmanager
def fetch_chunks(
    url: str,
    policy: Policy,
    *,
    resolver: Resolver = system_resolver,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Source]:
    """Open a caller's URL, follow its redirects, and give the body in pieces.

    Args:
        url: https, or what the policy lists.
        policy: what is allowed, and the limits.
        resolver: from names to addresses.
        is_cancelled: asked before every wait; longest wait: the policy's `idle_seconds`.

    Raises:
        SourceUnreachable: refused or failed, with the reason; also while the chunks are read.
        ImageTooLarge: more than `max_bytes`, announced or sent.
        Cancelled: the caller gave up.
    """
    limits = Limits(policy, is_cancelled)
    target = Target.parse(url)
    with ExitStack() as stack:
        for _ in range(policy.max_redirects + 1):
            answer = stack.enter_context(exchange("GET", target, policy, limits, resolver))
            if answer.status not in REDIRECTS:
                break
            target = _next(target, _header(answer, b"location"))
            stack.close()
        else:
            raise SourceUnreachable(
                Reason.REDIRECT,
                f"more than {policy.max_redirects} redirects; the last: {target.origin.host}",
            )
        yield _source(answer, target, policy.max_bytes)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    policy: Policy,
    timeout: float,
    *,
    resolver: Resolver = system_resolver,
) -> Answer:
    """Post a body through the guard; the answer is given whatever its status, redirects included.

    Args:
        url: as for `fetch_chunks`.
        body: sent as given.
        headers: sent beside Host, User-Agent, Accept, Accept-Encoding and Content-Length.
        policy: what is allowed; its limits on seconds are cut to `timeout`.
        timeout: seconds for all of it.
        resolver: from names to addresses.

    Raises:
        SourceUnreachable: refused, or no whole head of an answer came.
    """
    limited = replace(
        policy,
        connect_seconds=min(policy.connect_seconds, timeout),
        idle_seconds=timeout,  # a receiver may work on the message before it answers
        total_seconds=timeout,
    )
    limits = Limits(limited)
    target = Target.parse(url)
    with exchange("POST", target, limited, limits, resolver, headers=headers, body=body) as answer:
        names = {name.decode("latin-1").lower(): value for name, value in answer.headers}
        found = {name: value.decode("latin-1") for name, value in names.items()}
        return Answer(answer.status, found, _excerpt(answer))


def _next(target: Target, location: str) -> Target:
    host = target.origin.host
    if not location:
        raise SourceUnreachable(Reason.REDIRECT, f"{host} redirects without saying where to")
    following = target.joined(location)
    if target.origin.scheme == "https" and following.origin.scheme != "https":
        raise SourceUnreachable(Reason.REDIRECT, f"{host} redirects from https to http")
    return following


def _source(answer: httpcore.Response, target: Target, max_bytes: int) -> Source:
    host = target.origin.host
    if answer.status != 200:
        raise SourceUnreachable(Reason.STATUS, f"{host} answered {answer.status}, not 200")
    encoding = _header(answer, b"content-encoding").strip().lower()
    if encoding not in ("", "identity"):
        raise SourceUnreachable(
            Reason.ENCODING, f"{host} sent a compressed body ({encoding[:20]}); accepted: identity"
        )
    announced = _header(answer, b"content-length")
    size = int(announced) if announced.isdecimal() else None
    if size is not None and size > max_bytes:
        raise _too_large(host, max_bytes)
    return Source(
        chunks=_capped(answer, host, max_bytes),
        mime_type=media_type(_header(answer, b"content-type")),
        filename=filename(_header(answer, b"content-disposition"), target.url.path),
        final_url=str(target.url),
        size=size,
    )


def _capped(answer: httpcore.Response, host: str, max_bytes: int) -> Iterator[bytes]:
    total = 0
    for chunk in answer.iter_stream():
        total += len(chunk)
        if total > max_bytes:
            raise _too_large(host, max_bytes)
        yield chunk


def _too_large(host: str, max_bytes: int) -> ImageTooLarge:
    limit = f"{max_bytes / MIB:.0f} MiB" if max_bytes >= MIB else f"{max_bytes} bytes"
    return ImageTooLarge(f"the file at {host} has more than {limit}")


def _excerpt(answer: httpcore.Response) -> str:
    """Return the beginning of a body; the status is the answer, so a body that breaks off is no error."""
    kept = bytearray()
    try:
        for chunk in answer.iter_stream():
            kept += chunk
            if len(kept) >= EXCERPT_BYTES:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        kept += b" [broken off]"
    except SourceUnreachable:  # the time is up
        kept += b" [broken off]"
    return kept[:EXCERPT_BYTES].decode("utf-8", errors="replace")


def _header(answer: httpcore.Response, name: bytes) -> str:
    return next((v.decode("latin-1") for n, v in answer.headers if n.lower() == name), "")
