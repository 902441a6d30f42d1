"""What every store does, whatever it is."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.storage import FileMissing, FileStore, FileTooLarge, StoredFile

UNKNOWN = hashlib.sha256(b"nobody stored this").hexdigest()
LARGE = bytes(range(256)) * 4096 * 18  # 18.9 MB: three requests, three parts
TAKES_A_FIXTURE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@TAKES_A_FIXTURE
@given(content=st.binary(max_size=4000))
def test_any_bytes_come_back(store: FileStore, content: bytes) -> None:
    stored = store.put(content)
    assert stored == StoredFile(hashlib.sha256(content).hexdigest(), len(content))
    assert store.read(stored.sha256) == content
    assert store.size(stored.sha256) == len(content)


@TAKES_A_FIXTURE
@given(
    content=st.binary(max_size=300),
    start=st.integers(0, 400),
    end=st.none() | st.integers(0, 400),
)
def test_ranges_equal_slices(store: FileStore, content: bytes, start: int, end: int | None) -> None:
    stored = store.put(content)
    assert b"".join(store.stream(stored.sha256, start, end)) == content[start:end]


@TAKES_A_FIXTURE
@given(chunks=st.lists(st.binary(max_size=200), max_size=8))
def test_a_stream_is_stored_as_its_bytes(store: FileStore, chunks: list[bytes]) -> None:
    stored = store.put_stream(iter(chunks), max_bytes=1600)
    assert stored == store.put(b"".join(chunks))
    assert store.read(stored.sha256) == b"".join(chunks)


def test_a_large_file_in_parts(store: FileStore) -> None:
    chunks = (LARGE[at : at + 1_000_000] for at in range(0, len(LARGE), 1_000_000))
    stored = store.put_stream(chunks, max_bytes=len(LARGE))
    assert store.put(LARGE) == stored
    assert store.read(stored.sha256) == LARGE
    got = list(store.stream(stored.sha256))
    assert b"".join(got) == LARGE
    assert len(got) > 1
    assert max(map(len, got)) <= 8 * 1024 * 1024
    middle = slice(8_000_000, 17_000_001)
    assert b"".join(store.stream(stored.sha256, middle.start, middle.stop)) == LARGE[middle]


def test_the_same_bytes_are_one_file(store: FileStore) -> None:
    assert store.put(b"twice") == store.put(b"twice")
    assert list(store.hashes()) == [hashlib.sha256(b"twice").hexdigest()]


def test_eight_threads_store_the_same_file(store: FileStore) -> None:
    content = LARGE[:300_000]
    with ThreadPoolExecutor(8) as threads:
        stored = set(threads.map(lambda _: store.put(content), range(32)))
    (file,) = stored
    assert store.read(file.sha256) == content
    assert list(store.hashes()) == [file.sha256]
    assert store.remove_stale_staging(0) == 0


def test_an_empty_file(store: FileStore) -> None:
    stored = store.put(b"")
    assert store.exists(stored.sha256)
    assert store.read(stored.sha256) == b""
    assert list(store.stream(stored.sha256)) == []


def test_a_missing_file(store: FileStore) -> None:
    assert not store.exists(UNKNOWN)
    for call in (store.read, store.size, store.stream):
        with pytest.raises(FileMissing, match=UNKNOWN) as caught:
            call(UNKNOWN)
        assert (caught.value.code, caught.value.retryable) == ("file-missing", False)


def test_deleting_is_idempotent(store: FileStore) -> None:
    stored = store.put(b"short life")
    store.delete(stored.sha256)
    assert not store.exists(stored.sha256)
    store.delete(stored.sha256)
    store.put(b"short life")
    assert store.exists(stored.sha256)


def test_all_hashes_are_listed(store: FileStore) -> None:
    stored = {store.put(str(number).encode()).sha256 for number in range(25)}
    found = list(store.hashes())
    assert len(found) == 25
    assert set(found) == stored
    assert list(store.hashes(older_than_seconds=3600)) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_hash_goes_nowhere(store: FileStore, name: str) -> None:
    for call in (store.read, store.size, store.exists, store.delete, store.stream):
        with pytest.raises(ValueError, match="64 lowercase hex digits"):
            call(name)
    with pytest.raises(ValueError, match="64 lowercase hex digits"):
        store.presigned_url(name, seconds=60, mime_type="image/png", filename="a.png")


@pytest.mark.parametrize(("start", "end"), [(-1, None), (0, -1)])
def test_ranges_count_from_zero(store: FileStore, start: int, end: int | None) -> None:
    stored = store.put(b"abc")
    with pytest.raises(ValueError, match="count from 0"):
        store.stream(stored.sha256, start, end)


def test_a_file_over_the_limit_is_not_kept(store: FileStore) -> None:
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(100):
            taken.append(number)
            yield b"x" * 1000

    with pytest.raises(FileTooLarge, match="10,000 bytes"):
        store.put_stream(chunks(), max_bytes=10_000)
    assert len(taken) == 11, "no more is taken than is needed to know"
    assert list(store.hashes()) == []
    assert store.remove_stale_staging(0) == 0
    assert store.put_stream(iter([b"x" * 10_000]), max_bytes=10_000).size == 10_000


def test_a_source_that_fails_leaves_nothing(store: FileStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield LARGE[:9_000_000]
        raise ConnectionResetError("the client went away")

    with pytest.raises(ConnectionResetError, match="the client went away"):
        store.put_stream(chunks(), max_bytes=len(LARGE))
    assert list(store.hashes()) == []
    assert store.remove_stale_staging(0) == 0


@pytest.mark.parametrize("seconds", [0, 604_801])
def test_a_link_lives_a_second_to_a_week(store: FileStore, seconds: int) -> None:
    with pytest.raises(ValueError, match=f"given: {seconds}"):
        store.presigned_url(UNKNOWN, seconds=seconds, mime_type="image/png", filename="a.png")
