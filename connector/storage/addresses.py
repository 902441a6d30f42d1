"""From an address to the place for bytes that it names."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from connector.loopback import is_loopback
from connector.storage.medium import Medium

if TYPE_CHECKING:
    from obstore.store import AzureStore, GCSStore, S3Store

    AnyStore = AzureStore | GCSStore | S3Store

ACCEPTED = "/absolute/folder, file:///folder, s3://bucket/prefix, gs://bucket/prefix, az://container/prefix"
RETRIES = {
    "max_retries": 3,
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=2),
        "base": 2,
    },
    "retry_timeout": timedelta(seconds=30),
}
"""Bridges a dropped connection or a restart of the store; the job's own retries do the rest."""
CLIENT = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),  # of one pause, not of the whole
    "timeout": timedelta(minutes=5),  # 8 MiB at the slowest bearable 30 kB/s
}


@dataclass(frozen=True, slots=True)
class S3Options:
    """Where an S3-compatible store is and who we are there; None leaves it to AWS's own variables."""

    endpoint: str | None = None
    """`https://store.example`, for stores other than Amazon's. `http:` on loopback alone."""
    region: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    path_style: bool = True
    """`endpoint/bucket/key`, which every store understands; False: `bucket.endpoint/key`."""
    allow_http: bool = False
    """Allow an `http:` endpoint beyond loopback: keys are signed, but pictures travel in the clear.
    AWS_ALLOW_HTTP=true does the same."""


def medium_at(url: str, *, durable: bool, s3: S3Options) -> Medium:
    """Return the place that an address names; see `FileStore.open`.

    Raises:
        ValueError: the address or an option cannot be understood.
        StorageError: the folder cannot be made or written.
    """
    if url.startswith("/"):
        return _folder(Path(url), durable)
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise ValueError(
                f"a file: address is file:///folder, with three slashes; given: {url!r}"
            )
        return _folder(Path(unquote(parts.path)), durable)
    if parts.scheme not in ("s3", "gs", "az"):
        raise ValueError(f"no storage at {_without_secrets(url)!r}; accepted: {ACCEPTED}")
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            f"a {parts.scheme}: address is {parts.scheme}://bucket/prefix and nothing more (credentials"
            f" come from the environment); given: {_without_secrets(url)!r}"
        )
    return _bucket(parts.scheme, parts.netloc, parts.path.strip("/"), s3)


def _folder(root: Path, durable: bool) -> Medium:
    from connector.storage.folder import Folder  # noqa: PLC0415

    return Folder(root, durable=durable)


def _bucket(scheme: str, name: str, prefix: str, s3: S3Options) -> Medium:
    from connector.storage.bucket import Bucket  # noqa: PLC0415
    from connector.storage.s3_links import Keys  # noqa: PLC0415

    secret = s3.secret_access_key or (
        None if s3.access_key_id else os.environ.get("AWS_SECRET_ACCESS_KEY")
    )
    keys = Keys(secret) if scheme == "s3" and secret else None
    return Bucket(store_at(scheme, name, prefix, s3), f"{scheme}://{name}", keys=keys)


def store_at(scheme: str, name: str, prefix: str, s3: S3Options) -> "AnyStore":
    """Return a bucket as obstore knows it; nothing is asked yet.

    Args:
        scheme: s3, gs or az.
        name: of the bucket or container.
        prefix: folder in it; may be empty.
        s3: what the environment does not say.

    Raises:
        ValueError: an option cannot be understood.
    """
    # Late: 15 MB of native code that a folder does not need.
    from obstore.exceptions import BaseError  # noqa: PLC0415
    from obstore.store import AzureStore, GCSStore, S3Store  # noqa: PLC0415

    shared: dict[str, Any] = {"retry_config": RETRIES, "client_options": dict(CLIENT)}
    if prefix:
        shared["prefix"] = prefix
    try:
        if scheme == "gs":
            return GCSStore(name, **shared)
        if scheme == "az":
            return AzureStore(name, **shared)
        endpoint = s3.endpoint or _endpoint_of_environment()
        shared["client_options"]["allow_http"] = _may_be_http(
            endpoint, s3.allow_http or os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true"
        )
        given = {
            "endpoint": endpoint,
            "region": s3.region,
            "access_key_id": s3.access_key_id,
            "secret_access_key": s3.secret_access_key,
            "session_token": s3.session_token,
        }
        shared |= {key: value for key, value in given.items() if value}
        return S3Store(name, virtual_hosted_style_request=not s3.path_style, **shared)
    except BaseError as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"the storage {scheme}://{name} cannot be opened: {reason}") from error


def _endpoint_of_environment() -> str | None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        if os.environ.get(name):
            return os.environ[name]
    return None


def _may_be_http(endpoint: str | None, allowed: bool) -> bool:
    """Say whether the client may speak http: to the endpoint; loopback alone, unless allowed."""
    if endpoint is None:
        return False
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"the storage endpoint must be https://host; given: {_without_secrets(endpoint)!r}"
        )
    if parts.scheme == "https":
        return False
    if not (allowed or is_loopback(parts.hostname)):
        raise ValueError(
            f"the storage endpoint http://{parts.hostname} would carry pictures in the clear;"
            " accepted: https, http on loopback, or AWS_ALLOW_HTTP=true"
        )
    return True


def _without_secrets(url: str) -> str:
    """Return an address without what stands before an @ or after a ?."""
    scheme, colon, rest = url.partition("://")
    return f"{scheme}{colon}{rest.rpartition('@')[2].partition('?')[0]}"[:200]
