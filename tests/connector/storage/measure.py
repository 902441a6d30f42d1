"""What a call costs: `python -m tests.connector.storage.measure FOLDER`. The figures of docs/decisions/0005.

Names what it compares itself with, in the same run, on the same disk: obstore's own folder store, and fsspec's
where fsspec is installed. Medians, milliseconds; every file is random and new, and the rounds take turns.
"""

import hashlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
from obstore.store import LocalStore

from connector.storage import FileStore

SIZES = {200_000: 200, 10_000_000: 15}


class Library:
    """obstore's folder, hashed and verified by the caller as `FileStore` does."""

    def __init__(self, root: Path) -> None:
        self._store = LocalStore(root, mkdir=True)

    def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = f"{name[:2]}/{name[2:4]}/{name}"
        obstore.put(self._store, path, content, use_multipart=False)
        return path

    def read(self, path: str) -> bytes:
        content = bytes(obstore.get(self._store, path).bytes())
        assert hashlib.sha256(content).hexdigest() == path[6:]
        return content


class Fsspec:
    """fsspec's folder: it writes in place, so half a file can be seen."""

    def __init__(self, root: Path) -> None:
        import fsspec  # type: ignore[import-untyped, import-not-found, unused-ignore]

        self._root = root
        self._files = fsspec.filesystem("file", auto_mkdir=True)

    def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = f"{self._root}/{name[:2]}/{name[2:4]}/{name}"
        self._files.pipe_file(path, content)
        return path

    def read(self, path: str) -> bytes:
        content: bytes = self._files.cat_file(path)
        assert hashlib.sha256(content).hexdigest() == path[-64:]
        return content


Calls = tuple[Callable[[bytes], str], Callable[[str], bytes]]


def ours(root: Path, *, durable: bool) -> Calls:
    store = FileStore.open(str(root), durable=durable)
    return lambda content: store.put(content).sha256, store.read


def contenders(root: Path) -> dict[str, Calls]:
    found = {
        "folder, durable": ours(root / "durable", durable=True),
        "folder, not durable": ours(root / "quick", durable=False),
        "obstore's folder": (Library(root / "obstore").put, Library(root / "obstore").read),
    }
    try:
        found["fsspec's folder"] = (Fsspec(root / "fsspec").put, Fsspec(root / "fsspec").read)
    except ModuleNotFoundError:
        print("(fsspec is not installed)")
    return found


def main(folder: str) -> None:
    root = Path(tempfile.mkdtemp(dir=folder))
    try:
        calls = contenders(root)
        for size, rounds in SIZES.items():
            times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
            for _ in range(rounds):
                for name, (put, read) in calls.items():
                    content = os.urandom(size)
                    start = time.perf_counter()
                    stored = put(content)
                    middle = time.perf_counter()
                    read(stored)
                    times[name].append((middle - start, time.perf_counter() - middle))
            for name, pairs in times.items():
                put_ms, read_ms = (
                    statistics.median(column) * 1e3 for column in zip(*pairs, strict=True)
                )
                print(f"{size:>10,} B  {name:22} put {put_ms:7.2f} ms  read {read_ms:7.2f} ms")
        many = [os.urandom(200_000) for _ in range(1000)]
        for name, (put, read) in calls.items():
            start = time.perf_counter()
            with ThreadPoolExecutor(8) as threads:
                deque(threads.map(lambda content, c=(put, read): c[1](c[0](content)), many), 0)
            rate = len(many) / (time.perf_counter() - start)
            print(f"   200,000 B  {name:22} {rate:6.0f} put and read per second, 8 threads")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main(sys.argv[1])
