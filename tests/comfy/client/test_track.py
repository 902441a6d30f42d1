"""Progress from messages alone."""

from dataclasses import dataclass
from typing import Any

from comfy_bridge.client.messages import Event, read
from comfy_bridge.client.track import Track
from tests.comfy.client.conftest import graph_of


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def take(track: Track, kind: str, **fields: Any) -> None:
    track.take(Event(kind, fields))


def test_without_states_a_node_ends_where_the_next_begins() -> None:
    clock = Clock()
    track = Track(graph_of(), clock)
    take(track, "executing", node="1")
    clock.now = 2.0
    take(track, "executing", node="2")
    take(track, "progress", node="2", value=1, max=2)
    assert track.fraction == 0.5
    clock.now = 5.0
    take(track, "executing", node=None)
    assert track.seconds == {"1": 2.0, "2": 3.0}


def test_nodes_that_run_side_by_side_have_their_own_times() -> None:
    clock = Clock()
    track = Track(graph_of(), clock)
    take(track, "progress_state", nodes={"1": {"state": "running", "value": 0, "max": 4}})
    take(track, "executing", node="2")
    clock.now = 3.0
    states = {
        "1": {"state": "finished", "value": 4, "max": 4},
        "2": {"state": "running", "value": 1, "max": 4},
    }
    take(track, "progress_state", nodes=states)
    clock.now = 4.0
    take(track, "execution_success")
    assert track.seconds == {"1": 3.0, "2": 4.0}


def test_a_node_inside_an_expanded_one_counts_for_that() -> None:
    track = Track(graph_of())
    inner = {"state": "finished", "value": 1, "max": 1, "display_node_id": "2"}
    take(track, "progress_state", nodes={"2.0.7": inner})
    assert track.fraction == 1 / 3


def test_progress_does_not_fall_and_nonsense_does_no_harm() -> None:
    track = Track(graph_of())
    take(track, "execution_cached", nodes=["1", "2", "elsewhere"])
    assert track.fraction == 2 / 3
    take(track, "progress", node="3", value=None, max=0)
    take(track, "progress_state", nodes=None)
    assert track.fraction == 2 / 3


def test_frames_that_are_none_of_comfyuis_say_nothing() -> None:
    assert read(b"\0\0\0\1preview") is None
    assert read("no json") is None
    assert read("[]") is None
    assert read('{"type": 1, "data": {}}') is None
    assert read('{"type": "status", "data": {"a": 1}}') == Event("status", {"a": 1})
