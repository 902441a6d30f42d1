"""What a place for bytes must be able to do: a folder here, a bucket there."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from connector.storage.errors import FileTooLarge


class Intake:
    """A file that comes in pieces: counted and hashed while it passes through."""

    def __init__(self, chunks: Iterable[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self.size = 0
        """Bytes that have passed so far."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks.

        Raises:
            FileTooLarge: with the chunk that goes over the limit.
        """
        for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._max_bytes:
                raise FileTooLarge(f"the file is larger than the {self._max_bytes:,} bytes allowed")
            self._digest.update(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        """The hash of what has passed so far, 64 lowercase hex digits."""
        return self._digest.hexdigest()


class Medium(Protocol):
    """Where bytes lie. Every hash is 64 lowercase hex digits; every failure a StorageError.

    Nothing half-written is ever visible under a hash, whatever dies in the middle.
    """

    def put(self, sha256: str, content: bytes) -> None:
        """Store bytes whose hash the caller has computed; already there is a success."""

    def put_stream(self, intake: Intake) -> None:
        """Store what comes in, in bounded memory, under the hash that it turns out to have.

        Whatever the intake raises passes through, and nothing stays.
        """

    def read(self, sha256: str) -> bytes:
        """Return what is stored, as it is: the caller compares the hash.

        Raises:
            FileMissing: nothing is stored under this hash.
        """

    def size(self, sha256: str) -> int:
        """Return the size in bytes.

        Raises:
            FileMissing: nothing is stored under this hash.
        """

    def stream(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from start to end (exclusive), 0 <= start <= end <= size, in chunks."""

    def delete(self, sha256: str) -> None:
        """Delete the file; not there is a success."""

    def presigned_url(
        self, sha256: str, *, seconds: int, mime_type: str, filename: str
    ) -> str | None:
        """Return a URL that needs no credentials, or None where the medium has no such thing."""

    def hashes(self, older_than_seconds: float) -> Iterator[str]:
        """Yield every hash that was stored at least so long ago, in no order."""

    def remove_stale_staging(self, older_than_seconds: float) -> int:
        """Remove what interrupted writes left; return how many files that were."""
