"""Where files lie, by content hash: a folder, S3, GCS or Azure."""

from connector.storage.addresses import S3Options
from connector.storage.errors import (
    FileDamaged,
    FileMissing,
    FileTooLarge,
    StorageError,
    StorageFull,
    StorageRefused,
)
from connector.storage.store import FileStore, StoredFile

__all__ = [
    "FileDamaged",
    "FileMissing",
    "FileStore",
    "FileTooLarge",
    "S3Options",
    "StorageError",
    "StorageFull",
    "StorageRefused",
    "StoredFile",
]
