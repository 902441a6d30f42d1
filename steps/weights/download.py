"""Files from a hub or a URL, streamed."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from steps.environment import Environment
from steps.errors import WeightsInvalid, WeightsMissing
from steps.weights.contract import HubSource, UrlSource

_CHUNK = 1 << 18
_TIMEOUT_SECONDS = 30.0
"""Of the connection and of each read, not of the whole download."""


def address(source: HubSource | UrlSource, environment: Environment) -> str:
    """Return the http(s) address of the file.

    Raises:
        WeightsMissing: the address is of another kind.
    """
    if isinstance(source, UrlSource):
        url = source.url
    else:
        path = f"{source.repo}/resolve/{source.revision}/{source.file}"
        url = f"{environment.hub_endpoint}/{quote(path)}"
    if urlsplit(url).scheme not in ("http", "https"):
        raise WeightsMissing(f"{url!r} must be an http or https address; see HF_ENDPOINT")
    return url


def download(
    url: str, into: BinaryIO, *, size_bytes: int, on_bytes: Callable[[int, int], None]
) -> None:
    """Write what the address gives into a file.

    Args:
        url: http(s) address.
        into: open for writing.
        size_bytes: the pinned size; a longer answer is cut off as a wrong file.
        on_bytes: receives (bytes written, bytes in all) after every chunk.

    Raises:
        WeightsMissing: the address cannot be reached, refuses, or breaks off; says why.
        WeightsInvalid: the answer is longer than the pinned file.
    """
    written = 0
    for chunk in _chunks(url):
        written += len(chunk)
        if written > size_bytes:
            raise WeightsInvalid(f"{url} gives more than the pinned {size_bytes} bytes")
        into.write(chunk)
        on_bytes(written, size_bytes)
    if written < size_bytes:
        raise WeightsMissing(f"{url} broke off after {written} of {size_bytes} bytes")


def _chunks(url: str) -> Iterator[bytes]:
    try:
        # The scheme is checked in `address`, the content by its pinned hash.
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            while chunk := answer.read(_CHUNK):
                yield chunk
    except urllib.error.HTTPError as error:
        raise WeightsMissing(f"{url} answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise WeightsMissing(f"{url} cannot be reached: {reason}") from error
