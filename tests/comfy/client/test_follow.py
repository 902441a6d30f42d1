"""A prompt from its submission to its end, with everything that can go wrong between."""

import asyncio
import threading
from dataclasses import replace

import pytest

from comfy_bridge.client.errors import (
    ComfyError,
    PromptFailed,
    PromptInterrupted,
    PromptLost,
    PromptRefused,
    PromptTimedOut,
    ServerUnreachable,
)
from comfy_bridge.client.follow import Finished, run_prompt
from comfy_bridge.client.graph import Graph
from comfy_bridge.client.history import FileRef
from comfy_bridge.client.server import connected
from tests.comfy.client.conftest import QUICK, graph_of, ignore, run
from tests.comfy.fake.server import LONG, FakeServer, eventually


class Background:
    """A prompt in a thread of its own; `stop` cancels it as a caller does."""

    def __init__(self, comfy: FakeServer, graph: Graph) -> None:
        self._comfy, self._graph = comfy, graph
        self.told: list[str] = []
        self.error: BaseException | None = None
        self.made: Finished | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(LONG)

    def _run(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            current = asyncio.current_task()
            assert current is not None
            self._task = current
            self._ready.set()
            async with connected(self._comfy.url) as server:
                self.made = await run_prompt(server, self._graph, self._tell, QUICK)

        try:
            asyncio.run(main())
        except (ComfyError, asyncio.CancelledError) as error:
            self.error = error

    def _tell(self, share: float, text: str) -> None:
        self.told.append(text)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)

    def end(self) -> Finished:
        """Wait for the end; raise what it raised."""
        self._thread.join(LONG)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        assert self.made is not None
        return self.made


@pytest.fixture
def slow(comfy: FakeServer) -> Background:
    """A prompt that is in the middle of its slow node."""
    running = Background(comfy, graph_of("Slow"))
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    return running


def test_outputs_come_by_node_with_their_type(comfy: FakeServer) -> None:
    assert run(comfy, graph_of()).outputs == {"3": (FileRef("made_00001_.png", "", "output"),)}
    previewed = run(comfy, graph_of(output="PreviewImage")).outputs["3"]
    assert [file.type for file in previewed] == ["temp"]


def test_progress_is_told_by_node_and_never_falls(comfy: FakeServer) -> None:
    told: list[tuple[float, str]] = []
    made = run(comfy, graph_of(), lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {"LoadImage", "ImageInvert", "SaveImage"} <= {text for _, text in told}
    assert set(made.track.seconds) == {"1", "2", "3"}


def test_what_the_server_had_before_is_told_as_cached(comfy: FakeServer) -> None:
    run(comfy, graph_of())
    again = run(comfy, graph_of())
    assert again.track.cached == ("1", "2", "3")
    assert again.outputs["3"] == (FileRef("made_00001_.png", "", "output"),)
    assert comfy.fake.executor.ran == ["LoadImage", "ImageInvert", "SaveImage"]


@pytest.mark.parametrize("fault", ["no_websocket", "silent"])
def test_without_messages_the_end_is_asked_for(comfy: FakeServer, fault: str) -> None:
    setattr(comfy.fake.faults, fault, True)
    assert run(comfy, graph_of()).outputs["3"]


def test_a_lost_websocket_is_opened_again(comfy: FakeServer, slow: Background) -> None:
    before = comfy.fake.sockets.copy()
    comfy.soon(comfy.fake.drop_websockets)
    eventually(lambda: comfy.fake.sockets and comfy.fake.sockets != before)
    comfy.release()
    made = slow.end()
    assert made.outputs["3"]
    assert "3" in made.track.seconds


def test_an_interruption_is_no_failure(comfy: FakeServer, slow: Background) -> None:
    comfy.fake.executor.is_interrupted = True
    with pytest.raises(PromptInterrupted, match=r"node 2 \(Slow\)"):
        slow.end()


def test_a_failure_names_node_and_exception(comfy: FakeServer) -> None:
    with pytest.raises(
        PromptFailed, match=r"node 2 \(Fails\) raised ValueError: as told"
    ) as caught:
        run(comfy, graph_of("Fails"))
    assert not caught.value.is_out_of_memory


def test_out_of_memory_is_known(comfy: FakeServer) -> None:
    with pytest.raises(PromptFailed) as caught:
        run(comfy, graph_of("OutOfMemory"))
    assert caught.value.is_out_of_memory


def test_a_refusal_names_every_fault(comfy: FakeServer) -> None:
    graph = graph_of()
    graph["1"]["inputs"]["image"] = "b.png"
    with pytest.raises(PromptRefused, match=r"node 1 \(LoadImage\), input 'image'") as caught:
        run(comfy, graph)
    assert [fault.kind for fault in caught.value.faults] == ["custom_validation_failed"]


def test_an_unknown_node_is_refused(comfy: FakeServer) -> None:
    with pytest.raises(PromptRefused, match="Node 'Nothing' not found"):
        run(comfy, graph_of("Nothing"))


def test_a_branch_that_is_dropped_takes_the_whole_prompt_back(comfy: FakeServer) -> None:
    graph = graph_of("Slow")
    graph["4"] = {"class_type": "LoadImage", "inputs": {"image": "b.png"}}
    graph["5"] = {"class_type": "PreviewImage", "inputs": {"images": ["4", 0]}}
    with pytest.raises(PromptRefused, match="node 4"):
        run(comfy, graph)
    assert (comfy.fake.executor.running, comfy.fake.executor.pending) == (None, [])


def test_a_server_that_dies_in_the_middle_is_told(comfy: FakeServer, slow: Background) -> None:
    comfy.die()
    with pytest.raises(ServerUnreachable, match="no answer for"):
        slow.end()


def test_a_proxy_before_a_dead_server_is_told_likewise(comfy: FakeServer, slow: Background) -> None:
    comfy.fake.faults.unavailable = True
    with pytest.raises(ServerUnreachable, match="answers 503"):
        slow.end()


def test_a_server_that_was_restarted_has_lost_the_prompt(
    comfy: FakeServer, slow: Background
) -> None:
    comfy.die()
    comfy.start()
    with pytest.raises(PromptLost):
        slow.end()


@pytest.mark.parametrize("kind", ["Slow", "Stubborn"])
def test_cancelled_while_a_node_runs_it_is_interrupted(comfy: FakeServer, kind: str) -> None:
    running = Background(comfy, graph_of(kind))
    comfy.wait_for(lambda fake: fake.executor.slow_began)
    running.stop()
    with pytest.raises(asyncio.CancelledError):
        running.end()
    assert comfy.fake.executor.is_interrupted


def test_cancelled_while_it_waits_it_leaves_the_queue(comfy: FakeServer) -> None:
    comfy.fake.executor.paused = True
    running = Background(comfy, graph_of())
    eventually(lambda: "number 1 in the queue" in " ".join(running.told))
    running.stop()
    with pytest.raises(asyncio.CancelledError):
        running.end()
    assert comfy.fake.executor.pending == []


def test_an_interrupt_that_comes_too_early_is_repeated(comfy: FakeServer, slow: Background) -> None:
    """ComfyUI forgets an interrupt that comes before the first node."""
    executor = comfy.fake.executor
    asked = executor.interrupts
    slow.stop()
    eventually(lambda: executor.interrupts > asked)
    executor.is_interrupted = False
    with pytest.raises(asyncio.CancelledError):
        slow.end()
    assert executor.running is None


def test_progress_that_raises_takes_the_prompt_back(comfy: FakeServer) -> None:
    class Enough(Exception):
        pass

    def tell(share: float, text: str) -> None:
        if text == "Slow":
            raise Enough

    with pytest.raises(Enough):
        run(comfy, graph_of("Slow"), tell)
    assert comfy.fake.executor.running is None


@pytest.mark.parametrize("limit", ["queue", "run"])
def test_too_long_in_the_queue_or_running_is_taken_back(comfy: FakeServer, limit: str) -> None:
    comfy.fake.executor.paused = limit == "queue"
    patience = replace(QUICK, **{limit: 0.3})
    with pytest.raises(PromptTimedOut, match=r"for more than 0\.3 s"):
        run(comfy, graph_of("Slow"), ignore, patience)
    executor = comfy.fake.executor
    assert (executor.running, executor.pending) == (None, [])
