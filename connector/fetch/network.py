"""Connections to checked addresses alone, within a time limit.

httpcore asks its network backend for a connection to a host *name*. This one resolves the name, checks
every address, and connects to one of those it checked: the name is never looked up a second time, so an
answer that changes between check and use changes nothing. TLS and the Host header keep the name.
"""

import logging
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from connector.fetch.addresses import Address
from connector.fetch.errors import Reason, SourceUnreachable
from connector.fetch.policy import Policy
from connector.fetch.resolve import Resolver, resolve
from connector.fetch.targets import Origin
from steps.errors import Cancelled

MAX_ADDRESSES = 4
"""Addresses of one name that are tried: a name with dozens must not use up the time."""

logger = logging.getLogger(__name__)


class Limits:
    """The time and the cancellation of one fetch, asked before every wait."""

    def __init__(
        self,
        policy: Policy,
        is_cancelled: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the clock."""
        self._policy = policy
        self._is_cancelled = is_cancelled
        self._clock = clock
        self._end = clock() + policy.total_seconds

    def to_connect(self) -> float:
        """Return the seconds that a step of connecting may take; raises as `check`."""
        return min(self._policy.connect_seconds, self.check())

    def to_read(self) -> float:
        """Return the seconds that the next piece may take; raises as `check`."""
        return min(self._policy.idle_seconds, self.check())

    def check(self) -> float:
        """Return the seconds that are left.

        Raises:
            Cancelled: the caller gave up.
            SourceUnreachable: the time is up; reason TIMEOUT.
        """
        if self._is_cancelled():
            raise Cancelled("the fetch was cancelled")
        left = self._end - self._clock()
        if left <= 0:
            raise SourceUnreachable(
                Reason.TIMEOUT, f"it took longer than {self._policy.total_seconds:g} s"
            )
        return left


class LimitedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the limits; the timeouts that httpcore names are unused."""

    def __init__(self, stream: httpcore.NetworkStream, limits: Limits) -> None:
        """Wrap a connection."""
        self._stream = stream
        self._limits = limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read at most `max_bytes` bytes."""
        return self._stream.read(max_bytes, self._limits.to_read())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of the buffer."""
        self._stream.write(buffer, self._limits.to_read())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands."""
        try:
            seconds = self._limits.to_connect()
        except Exception:
            self.close()  # as httpcore's own streams do when they cannot shake hands
            raise
        secured = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return LimitedStream(secured, self._limits)

    def get_extra_info(self, info: str) -> Any:
        """Return what the wrapped connection knows."""
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Connects one origin to an address that the policy admits."""

    def __init__(self, origin: Origin, policy: Policy, resolver: Resolver, limits: Limits) -> None:
        """Keep what a connection needs."""
        self._origin = origin
        self._policy = policy
        self._resolver = resolver
        self._limits = limits
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check all, connect to the first that answers.

        Raises:
            SourceUnreachable: reasons ADDRESS, CONNECT, TIMEOUT.
        """
        for address in self._checked()[:MAX_ADDRESSES]:
            seconds = self._limits.to_connect()
            try:
                stream = self._sockets.connect_tcp(str(address), port, seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                logger.info("no connection to %s at %s: %s", host, address, error)
                continue
            return LimitedStream(stream, self._limits)
        raise SourceUnreachable(Reason.CONNECT, f"{host} does not answer on port {port}")

    def _checked(self) -> Sequence[Address]:
        addresses = self._addresses()
        barred = [a for a in addresses if not self._policy.admits(a, self._origin)]
        if barred or not addresses:
            logger.warning("refused %s: %s", self._origin.host, barred or "no address")
            raise SourceUnreachable(
                Reason.ADDRESS,
                f"{self._origin.host} has no address that may be fetched from: "
                "the name is unknown, or it is not public and not on the list of allowed hosts",
            )
        return addresses

    def _addresses(self) -> Sequence[Address]:
        literal = self._origin.address
        if literal is not None:
            return [literal]
        seconds = self._limits.to_connect()
        try:
            return resolve(self._resolver, self._origin.host, self._origin.port, seconds)
        except TimeoutError:
            raise SourceUnreachable(
                Reason.TIMEOUT, f"the name {self._origin.host} was not resolved in {seconds:.0f} s"
            ) from None
        except OSError as error:
            logger.info("%s is not resolved: %s", self._origin.host, error)
            return []
