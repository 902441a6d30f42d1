"""A URL, read once: what is checked is what is connected to, so no second parser can see another host."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

import httpx

from connector.fetch.addresses import Address
from connector.fetch.errors import Reason, SourceUnreachable

DEFAULT_PORTS = {"https": 443, "http": 80}
NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label of this form makes a host an IPv4 address to the C library: 127.1, 0x7f.1, 2130706433."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what the operator lists, and what a connection goes to."""

    scheme: str
    host: str
    """In lower case, ASCII (IDNA), without brackets and without a final dot."""
    port: int

    @property
    def address(self) -> Address | None:
        """The address, where the host is one."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """What the Host header says: brackets round IPv6, the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that has the form of one; whether it is allowed is the policy's question."""

    url: httpx.URL
    """Without a fragment."""
    origin: Origin

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a caller's URL.

        Raises:
            SourceUnreachable: it cannot be read, carries a user name, or its host is neither a name nor
                an address in its ordinary form; reasons URL, SCHEME, HOST, PORT.
        """
        if "\\" in text or any(character.isspace() for character in text):
            raise SourceUnreachable(Reason.URL, "the URL holds a space or a backslash; encode it")
        try:
            return cls.of(httpx.URL(text))
        except httpx.InvalidURL:
            raise SourceUnreachable(
                Reason.URL, "the URL cannot be read; accepted: https://host/path"
            ) from None

    @classmethod
    def of(cls, url: httpx.URL) -> Self:
        """Check the parts of a URL that was read; see `parse`."""
        if url.scheme not in DEFAULT_PORTS:
            scheme = url.scheme[:20] or "no scheme"
            raise SourceUnreachable(Reason.SCHEME, f"only https: URLs are fetched; given: {scheme}")
        if url.userinfo or "@" in url.netloc.decode():
            raise SourceUnreachable(
                Reason.URL, "the URL carries a user name or password; leave it out"
            )
        port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
        if not 1 <= port <= 65535:
            raise SourceUnreachable(Reason.PORT, f"there is no port {port}")
        origin = Origin(url.scheme, _host(url.raw_host.decode("ascii")), port)
        return cls(url.copy_with(fragment=None), origin)

    def joined(self, location: str) -> "Target":
        """Return the target of a redirect, relative or not.

        Raises:
            SourceUnreachable: as `parse`.
        """
        try:
            return Target.parse(str(self.url.join(location)))
        except httpx.InvalidURL:
            raise SourceUnreachable(
                Reason.REDIRECT, f"{self.origin.host} redirects to something that is no URL"
            ) from None


def _host(raw: str) -> str:
    host = raw.lower().removesuffix(".")
    if ":" in host:
        return _ipv6(host)
    if not NAME.fullmatch(host):
        raise SourceUnreachable(Reason.HOST, "the URL's host is neither a name nor an address")
    if NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ip_address(host))
        except ValueError:
            raise SourceUnreachable(
                Reason.HOST, "an IPv4 address is written as four decimal numbers, e.g. 192.0.2.1"
            ) from None
    return host


def _ipv6(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        raise SourceUnreachable(Reason.HOST, "the URL's IPv6 address cannot be read") from None
    if "%" in host:
        raise SourceUnreachable(Reason.HOST, "an IPv6 address is written without a zone")
    return str(address)
