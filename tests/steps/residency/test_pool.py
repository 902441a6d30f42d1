import gc
import threading
import weakref
from functools import partial
from pathlib import Path

import pytest

from steps.backends.contract import Backend
from steps.environment import Environment
from steps.errors import OutOfMemory
from steps.residency import Budget, Pool
from steps.residency.pool import Key
from tests.steps.residency.fakes import A, B, C, Fake

HERE = Environment(weights_dir=Path("/none"))


def pool(memory: int = 1000, gpu: int = 1000) -> Pool:
    return Pool(lambda _: Budget(memory, gpu))


def take(
    place: Pool, kind: type[Fake], size: int = 10, *, gpu: bool = False, pinned: bool = False
) -> Fake:
    found = place.get(
        Key(kind, HERE, None), lambda: kind(size, gpu=gpu), expected_bytes=size, pinned=pinned
    )
    assert isinstance(found, Fake)
    return found


def names(place: Pool) -> list[str]:
    """Return which kinds the pool keeps, the least recently used first."""
    return [
        key.kind.__name__ for key in sorted(place._entries, key=lambda k: place._entries[k].used)
    ]


def test_a_backend_is_loaded_once() -> None:
    place = pool()
    assert take(place, A) is take(place, A)
    assert place.counts().loads == 1


def test_the_least_recently_used_goes_first() -> None:
    place = pool(memory=25)
    for kind in (A, B, A, C):
        take(place, kind)
    assert names(place) == ["A", "C"]
    assert place.counts().evictions == 1
    assert place.counts().memory_bytes == 20


def test_room_is_made_before_loading() -> None:
    place = pool(memory=25)
    take(place, A)
    take(place, B)
    held_while_loading: list[int] = []

    def load() -> Backend:
        held_while_loading.append(place.counts().memory_bytes)
        return C()

    gc.collect()
    place.get(Key(C, HERE, None), load, expected_bytes=10)
    assert held_while_loading == [10]


def test_pinned_ones_stay() -> None:
    place = pool(memory=25)
    take(place, A, pinned=True)
    take(place, B)
    take(place, C)
    assert names(place) == ["A", "C"]


def test_a_backend_larger_than_the_budget_is_still_loaded_alone() -> None:
    place = pool(memory=25)
    take(place, A)
    big = take(place, B, size=100)
    assert names(place) == ["B"]
    assert take(place, B) is big


def test_what_had_to_go_while_a_step_held_it_is_not_loaded_twice() -> None:
    place = pool(memory=15)
    held = take(place, A)
    take(place, B)
    assert names(place) == ["B"]
    assert take(place, A) is held
    assert place.counts().loads == 2


def test_what_is_dropped_is_freed_at_once_though_it_refers_to_itself() -> None:
    place = pool(memory=15)
    first = take(place, A)
    first.shared = first
    gone = weakref.ref(first)
    del first
    gc.disable()
    try:
        take(place, B, size=110)
    finally:
        gc.enable()
    assert gone() is None


def test_shared_components_count_once() -> None:
    place, shared = pool(), object()
    place.get(Key(A, HERE, None), lambda: A(10, shared=shared), expected_bytes=0)
    place.get(Key(B, HERE, None), lambda: B(10, shared=shared), expected_bytes=0)
    assert place.counts().memory_bytes == 120


def test_on_the_gpu_the_least_recently_used_moves_to_memory_and_comes_back() -> None:
    place = pool(gpu=25)
    first, second, third = (take(place, kind, gpu=True) for kind in (A, B, C))
    assert (first.on_gpu, second.on_gpu, third.on_gpu) == (False, True, True)
    assert place.counts().offloads == 1
    assert place.run(first, lambda: first.on_gpu)
    assert not second.on_gpu
    counts = place.counts()
    assert (counts.returns, counts.loads, counts.evictions) == (1, 3, 0)
    assert (counts.gpu_bytes, counts.memory_bytes) == (20, 10)


def test_what_is_in_use_stays_on_the_gpu() -> None:
    place = pool(gpu=15)
    first = take(place, A, gpu=True)
    assert place.run(first, lambda: (take(place, B, gpu=True), first.on_gpu)[1])


def test_when_memory_runs_out_others_go_first_then_the_backend_gets_lighter() -> None:
    place = pool()
    other, own = take(place, B, gpu=True), take(place, A, gpu=True)
    calls: list[tuple[bool, int]] = []

    def work() -> str:
        calls.append((other.on_gpu, own.lighter))
        if len(calls) < 4:
            raise MemoryError
        return "done"

    assert place.run(own, work) == "done"
    assert calls == [(True, 0), (False, 0), (False, 1), (False, 2)]
    assert place.counts().out_of_memory == 3


def test_when_nothing_helps_the_error_passes_for_smaller_tiles() -> None:
    place = pool()
    own = take(place, A)
    with pytest.raises(MemoryError):
        place.run(own, lambda: (_ for _ in ()).throw(MemoryError()))
    assert own.lighter == 3


def test_other_errors_pass_at_once() -> None:
    place = pool()
    own = take(place, A)
    with pytest.raises(ZeroDivisionError):
        place.run(own, lambda: 1 // 0)
    assert own.lighter == 0


def test_a_load_that_runs_out_of_memory_is_tried_again_alone() -> None:
    place = pool()
    take(place, B)
    tries: list[int] = []

    def load() -> Backend:
        tries.append(1)
        if len(tries) == 1:
            raise MemoryError
        return A()

    place.get(Key(A, HERE, None), load, expected_bytes=0)
    assert names(place) == ["A"]
    with pytest.raises(OutOfMemory) as caught:
        pool().get(
            Key(C, HERE, None), lambda: (_ for _ in ()).throw(MemoryError()), expected_bytes=0
        )
    assert caught.value.retryable


def test_two_threads_load_it_once() -> None:
    place, begun = pool(), threading.Event()
    found: list[Backend] = []

    def load() -> Backend:
        begun.set()
        return A()

    def ask() -> None:
        found.append(place.get(Key(A, HERE, None), load, expected_bytes=0))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun.is_set()
    assert len({id(each) for each in found}) == 1
    assert place.counts().loads == 1


def test_a_failed_load_leaves_nothing_behind() -> None:
    place = pool()
    with pytest.raises(ValueError, match="no"):
        place.get(
            Key(A, HERE, None), lambda: (_ for _ in ()).throw(ValueError("no")), expected_bytes=0
        )
    assert isinstance(take(place, A), A)


def test_what_shares_a_network_with_a_running_call_is_not_moved_from_under_it() -> None:
    place, network = pool(gpu=50), object()
    running, idle = A(10, gpu=True, shared=network), B(10, gpu=True, shared=network)
    for one in (running, idle):
        place.get(Key(type(one), HERE, None), partial(same, one), expected_bytes=0)
    idle.on_gpu = True

    def call() -> bool:
        take(place, C, gpu=True)  # over the budget: something idle has to leave the GPU
        return idle.on_gpu

    assert place.run(running, call)


def same(one: Backend) -> Backend:
    return one
