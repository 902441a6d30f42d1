"""Files in S3, GCS or Azure, through obstore: prefix/ab/cd/<sha256>.

Writing again what is there is harmless (the same name, the same bytes) and atomic in all three, so no
conditional writes are needed, which not every S3-compatible store knows; it also renews the date and
mends a damaged object.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from connector.storage.bucket_errors import scrubbed, translated
from connector.storage.errors import FileMissing, StorageError, StorageFull
from connector.storage.medium import Intake
from connector.storage.s3_links import Keys, attachment, with_answer_headers

CHUNK_BYTES = 8 * 1024 * 1024
"""Size of one request when streaming, and of one part of an upload; 5 MiB is S3's least."""
PARTS_AT_ONCE = 2
"""Parts of one upload under way: bounds its memory to 2 × 8 MiB."""

_first_use: dict[str, int] = {}
"""The process that used a bucket first; its forks inherit this."""


class Bucket:
    """A bucket or container. It is not asked for anything before the first call."""

    def __init__(
        self, store: S3Store | GCSStore | AzureStore, where: str, *, keys: Keys | None = None
    ) -> None:
        """Keep the connection.

        Args:
            store: the bucket, with its prefix.
            where: how error messages call it, `s3://bucket`.
            keys: for S3 with a secret key: lets links carry a name and a type.
        """
        self._store = store
        self._where = where
        self._keys = keys

    def put(self, sha256: str, content: bytes) -> None:
        """See `Medium.put`."""
        with self._translated():
            obstore.put(
                self._store,
                _path(sha256),
                content,
                chunk_size=CHUNK_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    def put_stream(self, intake: Intake) -> None:
        """See `Medium.put_stream`.

        The name is known only at the end, so it waits in a temporary file: no staging object that
        would have to be copied, billed and swept, and nothing is sent of a file over the limit.
        """
        with tempfile.SpooledTemporaryFile(max_size=CHUNK_BYTES) as spool:
            for chunk in intake:
                try:
                    spool.write(chunk)
                except OSError as error:
                    raise StorageFull(
                        f"an upload cannot be kept in the temporary folder: {error.strerror}"
                    ) from error
            spool.seek(0)
            with self._translated():
                obstore.put(
                    self._store,
                    _path(intake.sha256),
                    spool,
                    chunk_size=CHUNK_BYTES,
                    max_concurrency=PARTS_AT_ONCE,
                )

    def read(self, sha256: str) -> bytes:
        """See `Medium.read`."""
        with self._translated(sha256):
            return bytes(obstore.get(self._store, _path(sha256)).bytes())

    def size(self, sha256: str) -> int:
        """See `Medium.size`."""
        with self._translated(sha256):
            try:
                return obstore.head(self._store, _path(sha256))["size"]
            except FileNotFoundError:
                # HEAD has no body: only GET tells a missing file from a missing bucket.
                return obstore.get(self._store, _path(sha256)).meta["size"]

    def stream(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """See `Medium.stream`. One request a chunk: a slow reader holds no connection open."""
        for at in range(start, end, CHUNK_BYTES):
            with self._translated(sha256):
                stop = min(at + CHUNK_BYTES, end)
                chunk = obstore.get_range(self._store, _path(sha256), start=at, end=stop)
            yield bytes(chunk)

    def delete(self, sha256: str) -> None:
        """See `Medium.delete`."""
        try:
            with self._translated(sha256):
                obstore.delete(self._store, _path(sha256))
        except FileMissing:
            return  # GCS and Azure say so, S3 does not

    def presigned_url(self, sha256: str, *, seconds: int, mime_type: str, filename: str) -> str:
        """See `Medium.presigned_url`."""
        with self._translated():
            link = obstore.sign(self._store, "GET", _path(sha256), timedelta(seconds=seconds))
        if self._keys is None:
            return link
        return with_answer_headers(
            link, self._keys, mime_type=mime_type, disposition=attachment(filename)
        )

    def hashes(self, older_than_seconds: float) -> Iterator[str]:
        """See `Medium.hashes`."""
        newest = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        with self._translated():
            for page in obstore.list(self._store, chunk_size=1000):
                for found in page:
                    if found["last_modified"] <= newest:
                        yield found["path"].rpartition("/")[2]

    def remove_stale_staging(self, older_than_seconds: float) -> int:
        """Return 0: nothing is staged here.

        Parts of an upload whose process died stay hidden in S3 until a lifecycle rule of the bucket
        (AbortIncompleteMultipartUpload) removes them.
        """
        return 0

    @contextmanager
    def _translated(self, sha256: str | None = None) -> Iterator[None]:
        _refuse_after_fork()
        try:
            yield
        except (BaseError, OSError) as error:
            raise translated(error, self._where, sha256) from scrubbed(error)


def _refuse_after_fork() -> None:
    """Fail where obstore would wait for ever: its threads do not survive a fork.

    Raises:
        StorageError: this process was forked from one that had used a bucket before.
    """
    if _first_use.setdefault("process", os.getpid()) != os.getpid():
        raise StorageError(
            "this process was forked after a bucket had been used: buckets work in processes that were"
            " started afresh, or forked before the first use"
        )


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
