"""Which addresses a caller may make the service speak to.

By the IANA special-purpose registries (RFC 6890 and its updates) as tables of our own, because the
`is_global` of Python's `ipaddress` changed between patch releases of 3.11 and 3.12. IPv6 is judged the
other way round: only global unicast (2000::/3) is public, and of that not the tunnels, which carry an
IPv4 address of the caller's choice.
"""

from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address


class Reach(Enum):
    """Who may name an address."""

    PUBLIC = "public"
    """Every caller."""
    INSIDE = "inside"
    """Loopback and private networks: only through an origin that the operator listed."""
    NEVER = "never"
    """Nobody: metadata services, link-local, multicast, unspecified, reserved, tunnels."""


def _networks4(*texts: str) -> tuple[IPv4Network, ...]:
    return tuple(IPv4Network(text) for text in texts)


def _networks6(*texts: str) -> tuple[IPv6Network, ...]:
    return tuple(IPv6Network(text) for text in texts)


NEVER_4 = _networks4(
    "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for loopback
    "100.100.100.200/32",  # Alibaba Cloud's metadata service, inside the shared range
    "168.63.129.16/32",  # Azure's wire server: a public address that only guests reach
    "169.254.0.0/16",  # link-local, and the metadata service of nearly every cloud
    "192.0.0.0/24",  # IETF protocol assignments; 192.0.0.192 is a metadata service of Oracle
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # 6to4 relays, withdrawn
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
INSIDE_4 = _networks4(
    "10.0.0.0/8",
    "100.64.0.0/10",  # shared: carrier-grade NAT, and the inside of some clusters
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",  # benchmarking; used as a private range
)
NEVER_6 = _networks6(
    "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "3fff::/20",  # documentation
    "fd00:ec2::/32",  # Amazon's metadata, DNS and time services
    "fd20:ce::254/128",  # Google's metadata service
)
INSIDE_6 = _networks6("::1/128", "fc00::/7")
GLOBAL_6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")


def judge(address: Address) -> Reach:
    """Say who may name an address; one that wraps an IPv4 address counts as that.

    IPv4-mapped and NAT64 addresses (RFC 6052) are unwrapped rather than refused, because networks
    with IPv6 alone reach every IPv4 host by them.
    """
    if isinstance(address, IPv4Address):
        return _reach(address, NEVER_4, INSIDE_4, otherwise=Reach.PUBLIC)
    if address.ipv4_mapped is not None:
        return judge(address.ipv4_mapped)
    if address in NAT64:
        return judge(IPv4Address(int(address) & 0xFFFFFFFF))
    otherwise = Reach.PUBLIC if address in GLOBAL_6 else Reach.NEVER
    return _reach(address, NEVER_6, INSIDE_6, otherwise=otherwise)


def _reach(
    address: Address,
    never: Iterable[IPv4Network | IPv6Network],
    inside: Iterable[IPv4Network | IPv6Network],
    *,
    otherwise: Reach,
) -> Reach:
    if any(address in network for network in never):
        return Reach.NEVER
    if any(address in network for network in inside):
        return Reach.INSIDE
    return otherwise
