"""Why bytes could not be stored or read.

StorageError           storage-unavailable   retryable: unreachable, or failing for a reason of its own
├── StorageRefused     storage-unavailable   retryable: no permission, wrong credentials, no such bucket
├── StorageFull        storage-unavailable   retryable: no space left
├── FileMissing        file-missing          nothing is stored under this hash
├── FileDamaged        file-damaged          what is stored has another hash
└── FileTooLarge       file-too-large        over the limit that the caller set

Texts name the store, the hash and the store's own error code; never a key, a token or a signature.
"""

from typing import ClassVar


class StorageError(Exception):
    """Base: the storage cannot do its work now."""

    code: ClassVar[str] = "storage-unavailable"
    """Stable, machine-readable name of the error."""
    retryable: ClassVar[bool] = True
    """Whether the same call may succeed later without a change."""

    def __init__(self, detail: str) -> None:
        """Keep one sentence for the caller."""
        super().__init__(detail)
        self.detail = detail


class StorageRefused(StorageError):
    """The store is there and says no: permission, credentials, or a bucket that does not exist."""


class StorageFull(StorageError):
    """No space is left, or a quota is used up."""


class FileMissing(StorageError):
    """Nothing is stored under this hash."""

    code = "file-missing"
    retryable = False


class FileDamaged(StorageError):
    """What is stored under this hash has another one."""

    code = "file-damaged"
    retryable = False


class FileTooLarge(StorageError):
    """The file is over the limit that the caller set; nothing of it was kept."""

    code = "file-too-large"
    retryable = False
