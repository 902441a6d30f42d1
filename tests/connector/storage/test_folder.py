"""What only a folder promises: permissions, dates, and that nothing half-written is seen."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from connector.storage import (
    FileDamaged,
    FileStore,
    StorageError,
    StorageFull,
    StorageRefused,
)

WRITES_MORE_THAN_IT_MAY = """
import resource, sys
from connector.storage import FileStore, StorageError
store = FileStore.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    store.put(b"x" * 200_000)
except StorageError as error:
    print(error.detail)
"""


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_layout_and_the_permissions(folder: Path, folder_store: FileStore) -> None:
    stored = folder_store.put(b"private")
    path = folder / stored.sha256[:2] / stored.sha256[2:4] / stored.sha256
    assert path.read_bytes() == b"private"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(p.stat().st_mode) for p in (path.parent, folder / "staging")} == {0o700}


def test_a_folder_has_no_links(folder_store: FileStore) -> None:
    stored = folder_store.put(b"x")
    link = folder_store.presigned_url(
        stored.sha256, seconds=60, mime_type="image/png", filename="a.png"
    )
    assert link is None


def test_a_write_that_fails_in_the_middle_leaves_nothing(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITES_MORE_THAN_IT_MAY, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "File too large" in done.stdout
    assert files_in(folder) == []


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_full_disk_is_told_and_leaves_nothing(
    folder: Path, folder_store: FileStore, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(StorageFull, match="No space left") as caught:
            folder_store.put(b"content")
        assert isinstance(caught.value.__cause__, OSError)
        assert caught.value.retryable
    assert files_in(folder) == []
    assert folder_store.put(b"content").size == 7


def test_short_writes_are_continued(
    folder_store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, view: write(fd, bytes(view)[:7]))
    stored = folder_store.put(b"a hundred bytes in sevens" * 4)
    assert folder_store.read(stored.sha256) == b"a hundred bytes in sevens" * 4


def test_the_bytes_reach_the_disk_before_their_name_does(
    folder_store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("fsync", "rename"):
        real = getattr(os, name)

        def noted(*args: object, name: str = name, real: object = real) -> object:
            calls.append(name)
            return real(*args)  # type: ignore[operator]

        monkeypatch.setattr(os, name, noted)
    folder_store.put(b"first of its folder")
    made = ["fsync", "rename", "fsync", "fsync", "rename", "fsync"]
    assert calls == made, "the file; its new folders, once the first move missed them; its name"
    calls.clear()
    folder_store.put(b"first of its folder")
    assert calls == []


def test_without_durability_nothing_waits_for_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int) -> None:
        raise AssertionError("fsync was called")

    monkeypatch.setattr(os, "fsync", fsync)
    store = FileStore.open(folder.as_uri(), durable=False)
    assert store.read(store.put(b"quick").sha256) == b"quick"


def test_a_damaged_file_is_never_content(folder: Path, folder_store: FileStore) -> None:
    content = os.urandom(3_000_000)
    stored = folder_store.put(content)
    (path,) = files_in(folder)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(FileDamaged, match=stored.sha256) as caught:
        folder_store.read(stored.sha256)
    assert (caught.value.code, caught.value.retryable) == ("file-damaged", False)
    got: list[bytes] = []
    with pytest.raises(FileDamaged):
        got.extend(folder_store.stream(stored.sha256))
    assert sum(map(len, got)) < len(content), "the last chunk is withheld"


def test_a_file_cut_short_is_written_again(folder: Path, folder_store: FileStore) -> None:
    stored = folder_store.put(b"whole")
    (path,) = files_in(folder)
    path.write_bytes(b"")
    folder_store.put(b"whole")
    assert folder_store.read(stored.sha256) == b"whole"


def test_storing_again_renews_the_date(folder: Path, folder_store: FileStore) -> None:
    stored = folder_store.put(b"old")
    (path,) = files_in(folder)
    os.utime(path, (1000, 1000))
    assert list(folder_store.hashes(older_than_seconds=60)) == [stored.sha256]
    folder_store.put(b"old")
    assert list(folder_store.hashes(older_than_seconds=60)) == []


def test_a_file_that_becomes_shorter_under_a_reader(folder: Path, folder_store: FileStore) -> None:
    stored = folder_store.put(bytes(3_000_000))
    (path,) = files_in(folder)
    chunks = folder_store.stream(stored.sha256, 1)
    next(chunks)
    os.truncate(path, 10)
    with pytest.raises(StorageError, match="became shorter"):
        list(chunks)


def test_stale_staging_is_swept(folder: Path, folder_store: FileStore) -> None:
    old, young = folder / "staging" / "old", folder / "staging" / "young"
    old.write_bytes(b"1")
    young.write_bytes(b"2")
    os.utime(old, (1000, 1000))
    assert folder_store.remove_stale_staging(3600) == 1
    assert [path.name for path in files_in(folder)] == ["young"]


def test_strangers_files_are_not_listed(folder: Path, folder_store: FileStore) -> None:
    stored = folder_store.put(b"mine")
    (folder / "README").write_text("hello")
    (folder / "ab").write_text("no folder")
    path = folder / stored.sha256[:2] / stored.sha256[2:4]
    (path / f"{stored.sha256[:4]}.bak").write_text("copy")
    assert list(folder_store.hashes()) == [stored.sha256]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Not a directory"):
        FileStore.open(str(tmp_path / "file" / "store"))


def test_no_permission_is_a_refusal(
    folder_store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(StorageRefused, match="Permission denied"):
        folder_store.put(b"x")
