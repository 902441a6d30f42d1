"""What may be fetched, how much, and for how long."""

from dataclasses import dataclass, field
from pathlib import Path

from connector.fetch.addresses import Address, Reach, judge
from connector.fetch.errors import Reason, SourceUnreachable
from connector.fetch.targets import DEFAULT_PORTS, Origin, Target

MIB = 1024 * 1024


@dataclass(frozen=True)
class Policy:
    """The operator's rules for URLs that callers name. The neutral value: public https on port 443 alone."""

    allowed_hosts: frozenset[str] = frozenset()
    """Origins that may lie inside, use http, or another port: "store.internal" (https, 443),
    "store.internal:9443", "http://minio:9000". An entry opens exactly that scheme, host and port."""
    listed_buckets: frozenset[str] = frozenset()
    """Buckets, or folders in them, whose objects may be read: "s3://listings", "gs://photos/incoming"."""
    max_bytes: int = 128 * MIB
    """Largest body, bytes: as large as a request's own body may be."""
    connect_seconds: float = 5.0
    """Longest wait for each of: the name, one connection, the TLS handshake; seconds."""
    idle_seconds: float = 15.0
    """Longest pause between two pieces of an answer, seconds; object stores answer within a few."""
    total_seconds: float = 120.0
    """Longest fetch, redirects included, seconds: 128 MiB at 10 Mbit/s."""
    max_redirects: int = 5
    """Redirects that are followed; each is checked like the first URL."""
    ca_file: Path | None = None
    """PEM file with certificate authorities that are trusted beside the public ones: a company's own."""
    origins: frozenset[Origin] = field(init=False, repr=False, compare=False)
    """`allowed_hosts`, read."""

    def __post_init__(self) -> None:
        """Read the listed origins.

        Raises:
            ValueError: an entry is no origin, or there is no file of authorities.
        """
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ValueError(f"there is no file of certificate authorities at {self.ca_file}")
        origins = frozenset(_origin(entry) for entry in self.allowed_hosts)
        object.__setattr__(self, "origins", origins)

    def admit(self, target: Target) -> None:
        """Check all that can be checked before the name is resolved.

        Raises:
            SourceUnreachable: reasons SCHEME, PORT, ADDRESS.
        """
        origin = target.origin
        if origin in self.origins:
            return
        if origin.scheme != "https":
            raise SourceUnreachable(
                Reason.SCHEME, f"{origin.host} is fetched by https only; given: {origin.scheme}"
            )
        if origin.port != DEFAULT_PORTS["https"]:
            raise SourceUnreachable(
                Reason.PORT, f"{origin.host} is fetched on port 443 only; given: {origin.port}"
            )

    def admits(self, address: Address, origin: Origin) -> bool:
        """Say whether a connection to an address may be made on behalf of an origin."""
        reach = judge(address)
        return reach is Reach.PUBLIC or (reach is Reach.INSIDE and origin in self.origins)


def _origin(entry: str) -> Origin:
    text = entry if "://" in entry else f"https://{entry}"
    try:
        target = Target.parse(text)
    except SourceUnreachable as error:
        raise ValueError(f"allowed host {entry!r}: {error.detail}") from None
    if target.url.raw_path != b"/":
        raise ValueError(
            f"allowed host {entry!r} has a path; accepted: store.internal, "
            "store.internal:9443, http://minio:9000"
        )
    return target.origin
