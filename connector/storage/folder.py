"""Files in a local folder: ab/cd/<sha256>, each written beside and moved into place.

By hand, not by a library: file contents and names reach the disk before the call returns, only the
service's own user can read them, and a call takes less than a millisecond (docs/decisions/0005).
"""

import errno
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from connector.storage.errors import FileMissing, StorageError, StorageFull, StorageRefused
from connector.storage.medium import Intake

STAGING = "staging"
CHUNK_BYTES = 1024 * 1024
"""Read at once by `stream`: large enough that the calls do not count, small beside any picture."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Folder:
    """A folder of this machine, or one that several machines share (NFS: renames are atomic there too)."""

    def __init__(self, root: Path, *, durable: bool) -> None:
        """Make the folder where it is missing.

        Args:
            root: absolute path.
            durable: wait until the disk has a file and its name. Without it a power cut may lose
                files that were reported as stored; a crash of the process never does.

        Raises:
            StorageError: the folder cannot be made or written.
        """
        self._root = os.fspath(root)
        self._staging = os.path.join(self._root, STAGING)  # noqa: PTH118  (str: Path costs 10 µs a call)
        self._durable = durable
        with self._translated():
            os.makedirs(self._staging, mode=0o700, exist_ok=True)  # noqa: PTH103
            if not os.access(self._staging, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "not writable", self._staging)

    def put(self, sha256: str, content: bytes) -> None:
        """See `Medium.put`. A file of the right size is taken as stored; its date is set to now."""
        if not self._refreshed(sha256, len(content)):
            with self._staged((content,)) as staged:
                self._publish(staged, sha256)

    def put_stream(self, intake: Intake) -> None:
        """See `Medium.put_stream`."""
        with self._staged(intake) as staged:
            self._publish(staged, intake.sha256)

    def read(self, sha256: str) -> bytes:
        """See `Medium.read`."""
        with self._translated(sha256), open(self._path(sha256), "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()

    def size(self, sha256: str) -> int:
        """See `Medium.size`."""
        with self._translated(sha256):
            return os.stat(self._path(sha256)).st_size  # noqa: PTH116

    def stream(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """See `Medium.stream`."""
        with self._translated(sha256):
            file = open(self._path(sha256), "rb", buffering=0)  # noqa: PTH123, SIM115
        with file:
            at = start
            while at < end:
                with self._translated(sha256):
                    chunk = os.pread(file.fileno(), min(CHUNK_BYTES, end - at), at)
                if not chunk:
                    raise StorageError(f"the file {sha256} became shorter while it was read")
                at += len(chunk)
                yield chunk

    def delete(self, sha256: str) -> None:
        """See `Medium.delete`."""
        with self._translated(), suppress(FileNotFoundError):
            os.unlink(self._path(sha256))  # noqa: PTH108

    def presigned_url(
        self,
        sha256: str,
        *,
        seconds: int,
        mime_type: str,
        filename: str,
    ) -> None:
        """Return None: a folder has no URLs."""
        return

    def hashes(self, older_than_seconds: float) -> Iterator[str]:
        """See `Medium.hashes`. Reads one folder at a time, so a million files need no memory."""
        newest = time.time() - older_than_seconds
        for first in self._entries(self._root):
            if len(first.name) != 2:
                continue
            for second in self._entries(first.path):
                for file in self._entries(second.path):
                    if file.name.startswith(first.name + second.name) and _is_old(file, newest):
                        yield file.name

    def remove_stale_staging(self, older_than_seconds: float) -> int:
        """See `Medium.remove_stale_staging`."""
        newest = time.time() - older_than_seconds
        removed = 0
        for file in self._entries(self._staging):
            if _is_old(file, newest):
                with self._translated(), suppress(FileNotFoundError):
                    os.unlink(file.path)  # noqa: PTH108
                    removed += 1
        return removed

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _refreshed(self, sha256: str, size: int) -> bool:
        """Say whether the file is there; a wrong size (a power cut without `durable`) counts as not."""
        path = self._path(sha256)
        with self._translated(), suppress(FileNotFoundError):
            if os.stat(path).st_size == size:  # noqa: PTH116
                os.utime(path)
                return True
        return False

    @contextmanager
    def _staged(self, chunks: Iterable[bytes]) -> Iterator[str]:
        """Write the chunks to a file of their own and remove it, unless it was moved away."""
        path = f"{self._staging}/{secrets.token_hex(16)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with self._translated():
            descriptor = os.open(path, flags, 0o600)
        try:
            try:
                for chunk in chunks:  # what the caller's iterator raises is not ours to translate
                    with self._translated():
                        _write_all(descriptor, chunk)
                if self._durable:
                    with self._translated():
                        os.fsync(descriptor)
            finally:
                os.close(descriptor)
            yield path
        except BaseException:
            with suppress(
                OSError
            ):  # the first failure is the one to tell; stale ones are swept later
                os.unlink(path)  # noqa: PTH108
            raise

    def _publish(self, staged: str, sha256: str) -> None:
        """Move a complete file into place. Replacing is harmless: the same hash, the same bytes."""
        path = self._path(sha256)
        folder = path[: -len(sha256) - 1]
        with self._translated():
            try:
                os.rename(staged, path)  # noqa: PTH104
            except FileNotFoundError:
                self._make_folders(folder)
                os.rename(staged, path)  # noqa: PTH104
            if self._durable:
                _sync_folder(folder)

    def _make_folders(self, folder: str) -> None:
        """Make ab/cd. Their names must be on the disk as well, or the file would be lost with them."""
        first = folder[:-3]
        for made, within in ((first, self._root), (folder, first)):
            with suppress(FileExistsError):
                os.mkdir(made, mode=0o700)  # noqa: PTH102
                if self._durable:
                    _sync_folder(within)

    def _entries(self, folder: str) -> Iterator["os.DirEntry[str]"]:
        with self._translated():
            try:
                scanned = os.scandir(folder)
            except (FileNotFoundError, NotADirectoryError):
                return  # removed meanwhile, or a stranger's file
        with scanned:
            yield from scanned

    @contextmanager
    def _translated(self, sha256: str | None = None) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if sha256 and error.errno == errno.ENOENT:
                raise FileMissing(f"no file is stored under {sha256}") from error
            kind = StorageError
            if error.errno in FULL:
                kind = StorageFull
            elif error.errno in REFUSED:
                kind = StorageRefused
            raise kind(
                f"the storage folder {self._root}: {os.strerror(error.errno or 0)}"
            ) from error


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:  # a signal or a limit may end a write early
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_old(file: "os.DirEntry[str]", newest: float) -> bool:
    try:
        return file.stat().st_mtime <= newest
    except FileNotFoundError:
        return False  # removed meanwhile
