"""Files by content hash: what the service stores, wherever it stores it.

The database knows which hashes exist and who refers to them; this module knows bytes and hashes.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from connector.storage.addresses import S3Options, medium_at
from connector.storage.errors import FileDamaged, FileMissing
from connector.storage.medium import Intake, Medium

SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_LINK_SECONDS = 7 * 24 * 3600
"""The longest life that S3 and GCS sign for."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored."""

    sha256: str
    """64 lowercase hex digits: the file's name from now on."""
    size: int
    """Bytes."""


class FileStore:
    """Files that never change, each under the SHA-256 of its bytes. Safe to share between threads.

    The same bytes are stored once. Nothing half-written is ever visible. Every failure is a
    `StorageError`; a hash that is not 64 lowercase hex digits is a ValueError.
    """

    def __init__(self, medium: Medium) -> None:
        self._medium = medium

    @classmethod
    def open(cls, url: str, *, durable: bool = True, s3: S3Options | None = None) -> Self:
        """Open the store at an address.

        Args:
            url: an absolute path or `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix`, or
                `az://container/prefix`.
            durable: for a folder: whether a file has reached the disk when `put` returns.
            s3: endpoint and credentials; what it leaves out comes from the usual variables (AWS_*) or
                the machine's own role. GCS and Azure take theirs (GOOGLE_*, AZURE_*) from there alone.

        Raises:
            ValueError: the address or an option cannot be understood.
            StorageError: the folder cannot be made or written. A bucket is not asked before it is used.
        """
        return cls(medium_at(url, durable=durable, s3=s3 or S3Options()))

    def put(self, content: bytes) -> StoredFile:
        """Store bytes and return their hash and size; already there is a success.

        Raises:
            StorageError: they could not be stored; nothing is visible then.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        self._medium.put(sha256, content)
        return StoredFile(sha256, len(content))

    def put_stream(self, chunks: Iterable[bytes], *, max_bytes: int) -> StoredFile:
        """Store what comes in chunks, in bounded memory; what the iterator raises passes through.

        Raises:
            FileTooLarge: more than max_bytes came; nothing stays.
            StorageError: it could not be stored; nothing is visible then.
        """
        intake = Intake(chunks, max_bytes)
        self._medium.put_stream(intake)
        return StoredFile(intake.sha256, intake.size)

    def read(self, sha256: str) -> bytes:
        """Return a file, its hash verified.

        Raises:
            FileMissing: nothing is stored under this hash.
            FileDamaged: what is stored has another hash.
            StorageError: it could not be read.
        """
        content = self._medium.read(_checked(sha256))
        _compare(sha256, hashlib.sha256(content).hexdigest(), len(content))
        return content

    def stream(self, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return the bytes of `read(sha256)[start:end]` in chunks, for downloads and ranges.

        A missing file raises here, before the first chunk. A whole file is verified on the way, and
        the last chunk of a damaged one is withheld: its reader comes out short instead of content.
        A range cannot be verified.

        Args:
            sha256: the file's name.
            start: first byte, 0 or more.
            end: byte after the last, 0 or more; None or beyond the end: to the end.

        Raises:
            ValueError: start or end is negative.
            FileMissing: nothing is stored under this hash.
            FileDamaged: (while iterating) what is stored has another hash.
            StorageError: it could not be read.
        """
        if start < 0 or (end is not None and end < 0):
            raise ValueError(f"start and end count from 0; given: {start} and {end}")
        size = self.size(sha256)
        stop = size if end is None else min(end, size)
        chunks = self._medium.stream(sha256, min(start, stop), stop)
        return _verified(sha256, chunks) if start == 0 and stop == size else chunks

    def size(self, sha256: str) -> int:
        """Return a file's size in bytes.

        Raises:
            FileMissing: nothing is stored under this hash.
            StorageError: the store cannot be asked.
        """
        return self._medium.size(_checked(sha256))

    def exists(self, sha256: str) -> bool:
        """Say whether something is stored under this hash.

        Raises:
            StorageError: the store cannot be asked.
        """
        try:
            self.size(sha256)
        except FileMissing:
            return False
        return True

    def delete(self, sha256: str) -> None:
        """Delete a file; not there is a success.

        Raises:
            StorageError: it could not be deleted.
        """
        self._medium.delete(_checked(sha256))

    def presigned_url(
        self, sha256: str, *, seconds: int, mime_type: str, filename: str
    ) -> str | None:
        """Return a URL from which the file can be fetched without credentials; None for a folder.

        Args:
            sha256: the file's name. Whether it is there is not asked.
            seconds: how long the URL lives, 1 to 604,800 (a week).
            mime_type: the Content-Type of the answer, on S3; GCS and Azure answer as stored.
            filename: the name to save under, likewise.

        Raises:
            ValueError: seconds is out of range.
            StorageError: the credentials in use cannot sign.
        """
        if not 1 <= seconds <= LONGEST_LINK_SECONDS:
            raise ValueError(
                f"seconds must be 1 to {LONGEST_LINK_SECONDS:,} (a week); given: {seconds}"
            )
        return self._medium.presigned_url(
            _checked(sha256), seconds=seconds, mime_type=mime_type, filename=filename
        )

    def hashes(self, older_than_seconds: float = 0) -> Iterator[str]:
        """Yield every stored hash, in no order: for the search for files that nobody refers to.

        Args:
            older_than_seconds: leave out what was stored (or stored again) since.

        Raises:
            StorageError: (while iterating) the store cannot be listed.
        """
        return (name for name in self._medium.hashes(older_than_seconds) if SHA256.fullmatch(name))

    def remove_stale_staging(self, older_than_seconds: float) -> int:
        """Remove what interrupted writes left, and return how many files that were.

        Args:
            older_than_seconds: longer than any upload takes: a younger file may still be written to.

        Raises:
            StorageError: the folder cannot be read or written.
        """
        return self._medium.remove_stale_staging(older_than_seconds)


def _checked(sha256: str) -> str:
    """Return a hash that can be a file's name: no path of a stranger's making goes further."""
    if not SHA256.fullmatch(sha256):
        raise ValueError(
            f"a file's name is a SHA-256, 64 lowercase hex digits; given: {sha256[:80]!r}"
        )
    return sha256


def _compare(sha256: str, found: str, size: int) -> None:
    if found != sha256:
        raise FileDamaged(f"the file {sha256} is damaged: its {size:,} bytes have the hash {found}")


def _verified(sha256: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass chunks on, one behind, and the last one only when all together have the hash."""
    digest = hashlib.sha256()
    size = 0
    last: bytes | None = None
    for chunk in chunks:
        if last is not None:
            yield last
        digest.update(chunk)
        size += len(chunk)
        last = chunk
    _compare(sha256, digest.hexdigest(), size)
    if last is not None:
        yield last
