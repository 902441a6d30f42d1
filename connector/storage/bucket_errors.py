"""What a bucket's failure means. obstore gives some classes and otherwise the store's own words."""

import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from connector.storage.errors import FileMissing, StorageError, StorageFull, StorageRefused

STATUS = re.compile(r"status code: (\d{3})")
CODE = re.compile(r"<Code>(\w{1,60})</Code>")
NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
FULL = ("XMinioStorageFull", "QuotaExceeded", "InsufficientStorage", "InsufficientCapacity")
SECRET = re.compile(
    r"((?:sig|X-Amz-[\w-]+|X-Goog-[\w-]+)=|Bearer\s+)[^&\s\"<]+"
    r"|(<(?:AWSAccessKeyId|StringToSign|CanonicalRequest|SignatureProvided)\w*>)[^<]+"
)
"""Parameters of signed links, and what stores repeat of a request whose signature they refuse."""


def translated(error: Exception, where: str, sha256: str | None = None) -> StorageError:
    """Return what a failure means to a caller.

    Args:
        error: what obstore raised.
        where: the bucket, `s3://bucket`.
        sha256: the file that was asked for, where one was.
    """
    text = str(error)
    status, code = (_first(STATUS, text), _first(CODE, text))
    reason = " ".join(word for word in (status and f"HTTP {status}", code) if word)
    if any(word in text for word in NO_BUCKET):
        return StorageRefused(f"the storage {where} does not exist")
    if isinstance(error, FileNotFoundError):
        if sha256:
            return FileMissing(f"no file is stored under {sha256}")
        return StorageRefused(f"the storage {where} was not found ({reason or 'no reason given'})")
    if isinstance(error, PermissionDeniedError | UnauthenticatedError) or status in ("401", "403"):
        return StorageRefused(
            f"the storage {where} refuses access ({reason or 'no reason given'}):"
            " check its credentials and permissions"
        )
    if status == "507" or code in FULL:
        return StorageFull(f"the storage {where} has no room left ({reason})")
    return StorageError(
        f"the storage {where} {f'failed ({reason})' if reason else _unreached(text)}"
    )


def scrubbed(error: Exception) -> Exception:
    """Return the error for a log: its text without signatures, tokens and key ids."""
    return type(error)(SECRET.sub(r"\1\2***", str(error)))


def _unreached(text: str) -> str:
    return "did not answer in time" if "timed out" in text.lower() else "cannot be reached"


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None
