"""Who guesses has to wait: wrong keys and tokens are counted by the address that they come from."""

import ipaddress
import time
from collections.abc import Callable

from connector.auth.errors import RateExceeded
from connector.auth.rates import Buckets, Taken

ALLOWED, SECONDS = 20, 60.0
"""Wrong credentials that one address may show, and the time in which that allowance comes back."""


class Failures:
    """Counts, in this process. It keeps the database in peace; nobody guesses 256 bits anyway."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare."""
        self._buckets = Buckets(clock=clock)

    def check(self, address: str) -> None:
        """See that the address may show something unknown.

        Raises:
            RateExceeded: too much of what it showed was wrong.
        """
        _allowed(self._buckets.look(network_of(address), ALLOWED, SECONDS))

    def count(self, address: str) -> None:
        """Count something wrong that an address has shown; raises as `check`, where it was one too many."""
        _allowed(self._buckets.take(network_of(address), ALLOWED, SECONDS))


def _allowed(taken: Taken) -> None:
    if not taken.allowed:
        detail = "too many wrong keys or tokens came from this address"
        raise RateExceeded(detail, taken.seconds_to_next)


def network_of(address: str) -> str:
    """Return whose allowance counts: an address, or the /64 of one, which one customer has whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped  # a socket for both kinds shows callers by IPv4 so
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
