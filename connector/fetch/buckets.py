"""Objects in buckets that the operator has listed: s3://bucket/key, gs://bucket/key, az://container/key.

Who we are there stands in the environment, as for the service's own store. A bucket that is not listed is never
asked, so that no caller reads with the service's credentials what was not meant for it.
"""

import re
from collections.abc import Callable

from connector.fetch.errors import Reason, SourceUnreachable
from connector.storage.addresses import S3Options, store_at
from steps.errors import Cancelled, ImageTooLarge

CHUNK_BYTES = 1024 * 1024
_OBJECT = re.compile(r"(s3|gs|az)://([A-Za-z0-9][A-Za-z0-9._-]{1,62})/([^\x00-\x1f\x7f]{1,1024})")


def is_object(url: str) -> bool:
    """Say whether a URL names an object in a bucket."""
    return url.startswith(("s3://", "gs://", "az://"))


def admit(url: str, listed: frozenset[str]) -> None:
    """Check that an object's URL can be read and lies in a bucket that is listed.

    Args:
        url: "s3://bucket/key"; the key as it is, nothing in it is decoded.
        listed: buckets, or folders in them: "s3://listings", "s3://photos/incoming".

    Raises:
        SourceUnreachable: reasons URL, ADDRESS.
    """
    _, bucket, key = _parts(url)
    if any(step in ("", ".", "..") for step in key.split("/")):
        raise SourceUnreachable(Reason.URL, "an object's key has no empty part, '.' or '..'")
    if not any(url.startswith(entry.rstrip("/") + "/") for entry in listed):
        scheme = url.partition(":")[0]
        detail = f"{scheme}://{bucket} is not one of the buckets that may be read here"
        raise SourceUnreachable(Reason.ADDRESS, detail)


def read(
    url: str, listed: frozenset[str], max_bytes: int, is_cancelled: Callable[[], bool]
) -> bytes:
    """Return an object's bytes; not for the event loop.

    Raises:
        SourceUnreachable: it is not admitted, is not there, or the store does not answer.
        ImageTooLarge: it has more than `max_bytes`.
        Cancelled: the work is to stop.
    """
    import obstore  # noqa: PLC0415 - 15 MB of native code that nobody else needs
    from obstore.exceptions import BaseError  # noqa: PLC0415

    admit(url, listed)
    scheme, bucket, key = _parts(url)
    try:
        found = obstore.get(store_at(scheme, bucket, "", S3Options()), key)
        if found.meta["size"] > max_bytes:
            raise ImageTooLarge(f"the object has more than {max_bytes:,} bytes, the most accepted")
        content = bytearray()
        for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
            if is_cancelled():
                raise Cancelled("the caller cancelled the work")
            content += bytes(chunk)
        return bytes(content)
    except FileNotFoundError:
        raise SourceUnreachable(Reason.STATUS, f"{scheme}://{bucket} has no such object") from None
    except (BaseError, OSError, ValueError):
        # The store's own words may hold key ids and signatures.
        detail = f"{scheme}://{bucket} cannot be read"
        raise SourceUnreachable(Reason.CONNECT, detail) from None


def _parts(url: str) -> tuple[str, str, str]:
    found = _OBJECT.fullmatch(url)
    if not found:
        raise SourceUnreachable(Reason.URL, "an object's URL is s3://bucket/key (or gs:, az:)")
    scheme, bucket, key = found.groups()
    return scheme, bucket, key
