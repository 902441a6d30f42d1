"""Which of several servers is chosen."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from comfy_bridge.client.errors import ServerUnreachable
from comfy_bridge.client.pool import Pool
from comfy_bridge.client.server import connected
from tests.comfy.client.conftest import QUICK, graph_of
from tests.comfy.fake.checks import outputs
from tests.comfy.fake.executor import Prompt
from tests.comfy.fake.server import FakeServer, eventually


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Enough(Exception):
    pass


def enough() -> None:
    raise Enough


@pytest.fixture
def second() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server


def queue_one(comfy: FakeServer) -> None:
    executor = comfy.fake.executor
    executor.paused = True
    executor.pending.append(Prompt(1, "waits", graph_of(), "", outputs(graph_of())))


def chosen(pool: Pool, *servers: FakeServer) -> FakeServer:
    async def choose() -> str:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(connected(each.url)) for each in servers]
            return (await pool.choose(opened, QUICK, enough)).url

    url = asyncio.run(choose())
    return next(each for each in servers if each.url == url)


def fail(pool: Pool, server: FakeServer) -> None:
    async def failed() -> None:
        async with connected(server.url) as opened:
            pool.failed(opened)

    asyncio.run(failed())


def test_the_least_loaded_is_chosen(comfy: FakeServer, second: FakeServer) -> None:
    queue_one(comfy)
    assert chosen(Pool(), comfy, second) is second


def test_equals_share_the_work(comfy: FakeServer, second: FakeServer) -> None:
    pool = Pool()
    eventually(lambda: chosen(pool, comfy, second) is comfy)
    eventually(lambda: chosen(pool, comfy, second) is second)


def test_a_dead_one_is_left_out(comfy: FakeServer, second: FakeServer) -> None:
    queue_one(second)
    comfy.die()
    assert chosen(Pool(), comfy, second) is second


def test_one_that_failed_is_left_out_for_a_while(comfy: FakeServer, second: FakeServer) -> None:
    clock = Clock()
    pool = Pool(clock)
    queue_one(second)
    fail(pool, comfy)
    assert chosen(pool, comfy, second) is second
    clock.now += QUICK.avoid
    assert chosen(pool, comfy, second) is comfy


def test_one_that_failed_is_better_than_none(comfy: FakeServer) -> None:
    pool = Pool()
    fail(pool, comfy)
    assert chosen(pool, comfy) is comfy


def test_while_none_answers_the_caller_is_asked_and_in_the_end_told(comfy: FakeServer) -> None:
    comfy.die()
    clock = Clock()
    pool = Pool(clock)
    with pytest.raises(Enough):
        chosen(pool, comfy)

    async def late() -> None:
        async with connected(comfy.url) as opened:
            await pool.choose([opened], QUICK, lambda: setattr(clock, "now", clock.now + 1))

    with pytest.raises(ServerUnreachable, match="no ComfyUI server answers: 127"):
        asyncio.run(late())
