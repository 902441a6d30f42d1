"""The pool of loaded backends. It knows no runtime: backends say what they hold, and move themselves."""

import gc
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from steps.backends.contract import Backend, Held
from steps.environment import Environment
from steps.errors import OutOfMemory
from steps.models import Model
from steps.residency.budget import Budget
from steps.residency.counts import Counts
from steps.tiling.memory import is_out_of_memory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two loaded backends the same."""

    kind: type[Backend]
    environment: Environment
    model: Model | None

    def __hash__(self) -> int:
        return hash((self.kind, self.environment, None if self.model is None else self.model.name))


@dataclass(slots=True)
class _Entry:
    backend: Backend
    pinned: bool
    used: int = 0
    """Number of the last use; the smallest is the least recent."""
    users: int = 0
    """Calls of its network that run now; what is in use stays where it is."""


class Pool:
    """Loaded backends, within a budget.

    A backend that had to go while a step still holds it is not loaded a second time: it is taken back when it is
    asked for.
    """

    def __init__(self, budget_of: Callable[[Environment], Budget] = Budget.of) -> None:
        """Take what says how much memory an environment allows."""
        self._budget_of = budget_of
        self._lock = threading.Condition()
        self._entries: dict[Key, _Entry] = {}
        self._alive: weakref.WeakValueDictionary[Key, Backend] = weakref.WeakValueDictionary()
        self._loading: set[Key] = set()
        self._uses = count()
        self._counts: Counter[str] = Counter()

    def get(
        self,
        key: Key,
        load: Callable[[], Backend],
        *,
        expected_bytes: int,
        pinned: bool = False,
    ) -> Backend:
        """Return the backend of a key, loading it unless it is here. Only one thread loads it.

        Args:
            key: what it is.
            load: makes it; may take long.
            expected_bytes: what it will hold, as far as known; room is made for it before loading.
            pinned: never make room by this one.

        Raises:
            OutOfMemory: memory ran out while it was loaded, though nothing else was left.
            Whatever `load` raises.
        """
        with self._lock:
            self._lock.wait_for(lambda: key not in self._loading)
            known = self._alive.get(key)
            if known is not None:
                self._keep(key, known, pinned=pinned)
                return known
            self._loading.add(key)
            self._make_room(self._budget_of(key.environment), expected_bytes)
        try:
            backend = self._loaded(key, load)
            with self._lock:
                self._counts["loads"] += 1
                self._keep(key, backend, pinned=pinned)
                self._make_room(self._budget_of(key.environment), 0, spare=key)
            return backend
        finally:
            with self._lock:
                self._loading.discard(key)
                self._lock.notify_all()

    def run(self, backend: Backend, work: Callable[[], T]) -> T:
        """Run a call of a backend's network; see `steps.residency.run`."""
        with self._in_use(backend):
            while True:
                try:
                    return work()
                except Exception as error:
                    if not is_out_of_memory(error) or not self._relieve(backend):
                        raise
                # Tried again outside the handler: the error's frames hold the tensors that filled the memory.

    def counts(self) -> Counts:
        """Return the counters, and the memory held now."""
        with self._lock:
            memory, gpu = self._held()
            return Counts(**self._counts, memory_bytes=memory, gpu_bytes=gpu)

    def loaded(self) -> frozenset[str]:
        """Return the names of the backends that are loaded now."""
        with self._lock:
            return frozenset(entry.backend.descriptor.name for entry in self._entries.values())

    def clear(self) -> None:
        """Forget every backend; what a step still holds lives on outside."""
        with self._lock:
            self._entries.clear()
            self._alive.clear()

    def _loaded(self, key: Key, load: Callable[[], Backend]) -> Backend:
        try:
            return load()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            said = str(error)
        with self._lock:
            self._counts["out_of_memory"] += 1
            freed = self._make_room(Budget(0, 0), 0)
        if not freed:
            raise OutOfMemory(f"{key.kind.descriptor.name} does not fit into memory: {said}")
        return load()

    def _keep(self, key: Key, backend: Backend, *, pinned: bool) -> _Entry:
        """Take a backend in, or note that it was used."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry(backend, pinned)
            self._alive[key] = backend
        entry.used = next(self._uses)
        return entry

    @contextmanager
    def _in_use(self, backend: Backend) -> Iterator[None]:
        """Hold a backend on its device for a call; one that is not of this pool is left alone."""
        with self._lock:
            key = self._key_of(backend)
            entry = None if key is None else self._keep(key, backend, pinned=False)
            if key is not None and entry is not None:
                entry.users += 1
                self._bring_back(key, backend)
        try:
            yield
        finally:
            if entry is not None:
                with self._lock:
                    entry.users -= 1

    def _key_of(self, backend: Backend) -> Key | None:
        return next((key for key, known in self._alive.items() if known is backend), None)

    def _bring_back(self, key: Key, backend: Backend) -> None:
        before = _bytes_of([backend])[1]
        backend.to_gpu()
        if _bytes_of([backend])[1] > before:
            self._counts["returns"] += 1
            self._make_room(self._budget_of(key.environment), 0)

    def _relieve(self, backend: Backend) -> bool:
        """Free memory after it ran out: by the others first, then by the backend's own speed."""
        with self._lock:
            self._counts["out_of_memory"] += 1
            if self._make_room(Budget(0, 0), 0, gpu_only=_bytes_of([backend])[1] > 0):
                return True
        return backend.lighten()

    def _make_room(
        self, budget: Budget, needed: int, *, spare: Key | None = None, gpu_only: bool = False
    ) -> bool:
        """Move idle backends off the GPU, then drop idle ones, until the budget holds; say whether any went."""
        went = dropped = False
        for key in self._idle(spare):
            held = _bytes_of([self._entries[key].backend])
            if held[1] > 0 and self._held()[1] + needed > budget.gpu:
                self._entries[key].backend.to_memory()
                self._counts["offloads"] += 1
                went = True
        for key in () if gpu_only else self._idle(spare):
            held = _bytes_of([self._entries[key].backend])
            if held[0] > 0 and self._held()[0] + needed > budget.memory:
                del self._entries[key]
                self._counts["evictions"] += 1
                went = dropped = True
        if dropped:
            gc.collect()  # modules refer to each other in circles, and their memory is wanted now
        return went

    def _idle(self, spare: Key | None) -> list[Key]:
        """Return what may go, the least recently used first; nothing that shares a network with a running call."""
        busy = {
            block
            for entry in self._entries.values()
            if entry.users > 0
            for block in entry.backend.held()
        }
        found = [
            key
            for key, entry in self._entries.items()
            if entry.users == 0
            and not entry.pinned
            and key != spare
            and busy.isdisjoint(entry.backend.held())
        ]
        return sorted(found, key=lambda key: self._entries[key].used)

    def _held(self) -> tuple[int, int]:
        """Return the bytes in main memory and on the GPU that the pool keeps, shared components once."""
        return _bytes_of([entry.backend for entry in self._entries.values()])


def _bytes_of(backends: list[Backend]) -> tuple[int, int]:
    blocks: dict[int, Held] = {}
    for backend in backends:
        blocks.update(backend.held())
    memory = sum(block.size_bytes for block in blocks.values() if not block.on_gpu)
    gpu = sum(block.size_bytes for block in blocks.values() if block.on_gpu)
    return memory, gpu
