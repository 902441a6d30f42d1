"""Where a service is, and its key. Keys never stand in a workflow.

An address and its key are configured together, under a name: in environment variables (RETUSCHE_URL and
RETUSCHE_API_KEY for "default"; RETUSCHE_STUDIO_URL and RETUSCHE_STUDIO_API_KEY for "studio"), or in the file
`__retusche/connections.json` of ComfyUI's user folder, which its HTTP interface does not reach:

    {"default": {"url": "https://images.example", "apiKey": "…"}}

A workflow may name another address; the key then stays here, for a workflow comes from anybody.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT = "default"
LOCAL = "http://127.0.0.1:8000"
"""Where `retusche serve` listens unless told otherwise."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


class ConnectionInvalid(ValueError):
    """The connection cannot be used; the message says what to change, and where."""


@dataclass(frozen=True)
class Choice:
    """What a workflow says of a connection. It holds no secret."""

    name: str = DEFAULT
    url: str = ""
    """Empty: the configured one."""
    timeout: float = 600.0
    """Seconds that one node may take; the remote job is cancelled then."""
    retries: int = 4
    """How often a call that may succeed later is made again."""
    parallel: int = 4
    """Pictures that are sent or fetched at the same time."""


@dataclass(frozen=True)
class Connection:
    """A service that can be called."""

    url: str
    """Without a slash at its end."""
    key: str | None = field(repr=False)
    """Bearer token; None: the service is called without."""
    timeout: float
    retries: int
    parallel: int
    withheld: str | None = None
    """The address that the key of this name belongs to, where that is another one."""

    def owns(self, url: str) -> bool:
        """Whether an address is this service's own, so that the key may be sent there."""
        return origin(url) == origin(self.url)


def resolve(choice: Choice, environment: Mapping[str, str], file: Path | None) -> Connection:
    """Return the connection that a choice means here.

    Args:
        choice: what the workflow says.
        environment: environment variables.
        file: connections.json; it need not exist.

    Raises:
        ConnectionInvalid: the address or the file cannot be used.
    """
    if not NAME.fullmatch(choice.name):
        raise ConnectionInvalid(
            f"connection {choice.name!r}: accepted are letters, digits and _, e.g. {DEFAULT!r}"
        )
    configured, key = _configured(choice.name, environment, file)
    url = (choice.url.strip() or configured or LOCAL).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ConnectionInvalid(
            f"connection {choice.name!r}: {_shown(url)} is no address of a service; "
            f"accepted: http:// or https:// and a host, e.g. {LOCAL}"
        )
    at_home = configured or LOCAL
    same = origin(url) == origin(at_home)
    return Connection(
        url=url,
        key=key if same else None,
        timeout=choice.timeout,
        retries=choice.retries,
        parallel=choice.parallel,
        withheld=None if same or key is None else at_home,
    )


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def _configured(
    name: str, environment: Mapping[str, str], file: Path | None
) -> tuple[str | None, str | None]:
    """Return address and key, both from the same place: variables come before the file."""
    prefix = "RETUSCHE" if name == DEFAULT else f"RETUSCHE_{name.upper()}"
    url, key = environment.get(f"{prefix}_URL"), environment.get(f"{prefix}_API_KEY")
    if url or key:
        return url or None, key or None
    if file is None or not file.is_file():
        return None, None
    try:
        entry = json.loads(file.read_text("utf-8")).get(name, {})
        url, key = entry.get("url"), entry.get("apiKey")
        if not all(value is None or isinstance(value, str) for value in (url, key)):
            raise TypeError("url and apiKey must be texts")
    except (ValueError, AttributeError, TypeError) as error:
        raise ConnectionInvalid(
            f'{file}: {error}; accepted: {{"{name}": {{"url": "https://…", "apiKey": "…"}}}}'
        ) from None
    return url or None, key or None


def _shown(url: str) -> str:
    """Return an address without the password that someone may have written into it."""
    return repr(re.sub(r"//[^/@]*@", "//…@", url))
