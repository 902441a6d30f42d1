"""One request and its answer over a connection of its own: no redirects, no cookies, no proxies."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

import httpcore
import httpx

from connector.fetch.errors import Reason, SourceUnreachable
from connector.fetch.network import Limits, PinnedBackend
from connector.fetch.policy import Policy
from connector.fetch.resolve import Resolver
from connector.fetch.targets import Target

USER_AGENT = "retusche"


@contextmanager
def exchange(
    method: str,
    target: Target,
    policy: Policy,
    limits: Limits,
    resolver: Resolver,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Iterator[httpcore.Response]:
    """Send one request, and give the answer while its body is still on the way.

    A connection per request: nothing of one caller's is left for the next. The proxies of the
    environment are not looked at: behind one, the addresses would be the proxy's to choose.

    Raises:
        Cancelled: the caller gave up.
        SourceUnreachable: any reason except STATUS, ENCODING and REDIRECT; also while the body is read.
    """
    policy.admit(target)
    origin = target.origin
    head = {
        "Host": origin.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **(headers or {}),
    }
    if body is not None:
        head["Content-Length"] = str(len(body))
    request = httpcore.Request(
        method,
        httpcore.URL(
            scheme=origin.scheme, host=origin.host, port=origin.port, target=target.url.raw_path
        ),
        headers=list(head.items()),
        content=body,
    )
    backend = PinnedBackend(origin, policy, resolver, limits)
    context = ssl_context(policy.ca_file) if origin.scheme == "https" else None
    connection = httpcore.HTTPConnection(
        request.url.origin, ssl_context=context, network_backend=backend
    )
    try:
        with connection:
            yield connection.handle_request(request)
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
    ) as error:
        _explain(error, origin.host, limits)


@lru_cache(maxsize=8)
def ssl_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return the trust of a policy: certifi's authorities (or SSL_CERT_FILE's), and the operator's own.

    Raises:
        ValueError: the operator's file holds no certificates.
    """
    context = httpx.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except ssl.SSLError:
            raise ValueError(f"{ca_file} holds no certificates in PEM form") from None
    return context


def _explain(error: Exception, host: str, limits: Limits) -> NoReturn:
    """Say in our words what the library found; its own message stays in the chain, for the log."""
    limits.check()  # when the whole time is up, say that
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        text = f"the TLS certificate of {host} is not valid: {cause.verify_message}"
        raise SourceUnreachable(Reason.TLS, text) from error
    if isinstance(cause, ssl.SSLError):
        raise SourceUnreachable(Reason.TLS, f"no TLS connection with {host}") from error
    if isinstance(error, httpcore.TimeoutException):
        raise SourceUnreachable(Reason.TIMEOUT, f"{host} sent nothing for too long") from error
    if isinstance(error, httpcore.RemoteProtocolError) and "complete" in str(error):
        raise SourceUnreachable(
            Reason.INCOMPLETE, f"{host} sent fewer bytes than it announced"
        ) from error
    if isinstance(error, httpcore.ProtocolError):
        raise SourceUnreachable(
            Reason.PROTOCOL, f"the answer of {host} is not HTTP/1.1, or its head is too large"
        ) from error
    raise SourceUnreachable(Reason.CONNECT, f"the connection to {host} broke") from error
