"""Name servers that answer from a table."""

from collections.abc import Sequence
from ipaddress import ip_address

from connector.fetch.addresses import Address


class Table:
    """A resolver that counts its questions."""

    def __init__(self, **addresses: Sequence[str]) -> None:
        """Names with "_" for a dot."""
        self.addresses = {name.replace("_", "."): texts for name, texts in addresses.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[Address]:
        """Resolve one name."""
        self.asked.append(host)
        if host not in self.addresses:
            raise OSError("no such name")
        return [ip_address(text) for text in self.addresses[host]]
