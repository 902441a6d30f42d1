"""Storing what came with a request, so that a request that fails leaves nothing behind."""

import hashlib
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection

from connector.jobs import filed, uploads
from connector.jobs.database import Database
from connector.jobs.uploads import KnownFile
from connector.storage.store import FileStore

PUTS_AT_ONCE = 8
"""Files of one request that are written at a time: most of a put is waiting for a disk or a store."""

Reference = tuple[str, str]
"""("", id of an upload) or (id of a job, id of a part of it)."""


class Shelf:
    """The files of one request. They are settled when the job is created, or given up."""

    def __init__(self, database: Database, files: FileStore, client_id: str, now: float) -> None:
        """Begin with nothing.

        Args:
            database: knows files before their bytes are written.
            files: where the bytes go.
            client_id: whose files may be referred to.
            now: seconds since 1970; the time of every touch.
        """
        self._database, self._files, self._client_id = database, files, client_id
        self.touched_at = now
        """What settles them (`filed.settle`)."""
        self._touched: list[str] = []

    def store(
        self, contents: Sequence[bytes], references: Collection[Reference]
    ) -> tuple[list[KnownFile], dict[Reference, KnownFile]]:
        """Store bytes, and look references up; all of them stay until `give_up` or a job uses them.

        Returns:
            The files of the contents in their order, and of those references that are the client's.

        Raises:
            StorageError, DatabaseUnavailable: it could not be stored.
        """
        if not contents and not references:
            return [], {}
        named = [_named(content) for content in contents]

        def write(tx: Connection) -> dict[Reference, KnownFile]:
            found = uploads.known(tx, self._client_id, references, self.touched_at)
            filed.touch(
                tx,
                [
                    filed.Filed(sha256=file.sha256, size_bytes=file.size_bytes)
                    for file in (*named, *found.values())
                ],
                self.touched_at,
            )
            return found

        # None waits for the disk: the job does.
        if len(contents) == 1 and not references:
            found = self._database.write_singly(write)
        else:
            found = self._database.write(write, relaxed=True)
        self._touched += [file.sha256 for file in (*named, *found.values())]
        if len(contents) == 1:
            self._files.put(contents[0])
        else:
            with ThreadPoolExecutor(PUTS_AT_ONCE) as pool:
                deque(pool.map(self._files.put, contents), maxlen=0)  # raises what a put raised
        return named, found

    def give_up(self) -> None:
        """Delete what was stored and is used by nothing else; for a request that failed."""
        hashes = sorted(set(self._touched))
        for start in range(0, len(hashes), filed.BATCH):
            some = hashes[start : start + filed.BATCH]

            def write(tx: Connection, some: list[str] = some) -> None:
                filed.settle(tx, some, self.touched_at)
                filed.sweep(tx, self._files.delete, self.touched_at, among=some)

            self._database.write(write)


def _named(content: bytes) -> KnownFile:
    return KnownFile(
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        filename="",
        mime_type="",
    )
