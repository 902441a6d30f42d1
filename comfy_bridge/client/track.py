"""How far a prompt is, node by node, from the messages about it."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from comfy_bridge.client.graph import Graph, class_of
from comfy_bridge.client.messages import ENDS, Event


class Track:
    """Takes every message about one prompt; knows the share that is done and the seconds of each node."""

    def __init__(self, graph: Graph, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin before the first message."""
        self._graph, self._clock = graph, clock
        self._done: set[str] = set()
        self._began: dict[str, float] = {}
        self._shares: dict[str, float] = {}
        """Of the nodes that run, 0..1."""
        self._fraction = 0.0
        self._has_states = False
        self.seconds: dict[str, float] = {}
        """Of the nodes that ran, by id; those of an expanded node count for the node itself."""
        self.cached: tuple[str, ...] = ()
        """Nodes that the server had done before."""
        self.current = ""
        """Class of the node that runs."""
        self.is_over = False
        """Whether a message told the end; the history tells which."""

    @property
    def fraction(self) -> float:
        """Share of the nodes that are done, 0..1; it never falls."""
        share = (len(self._done) + sum(self._shares.values())) / max(1, len(self._graph))
        self._fraction = max(self._fraction, min(1.0, share))
        return self._fraction

    def take(self, event: Event) -> None:
        """Take a message about this prompt."""
        fields = event.fields
        self.is_over = self.is_over or event.kind in ENDS
        match event.kind:
            case "execution_cached":
                self.cached = tuple(str(node) for node in fields.get("nodes") or ())
                self._done.update(node for node in self.cached if node in self._graph)
            case "executing":
                self._executing(fields)
            case "progress":
                self._share(_own(fields), fields)
            case "progress_state":
                self._has_states = True
                for node, state in (fields.get("nodes") or {}).items():
                    self._state(str(state.get("display_node_id") or node), state)
            case "execution_success":
                self._finish_all()

    def _executing(self, fields: Mapping[str, Any]) -> None:
        """Take that a node begins; without states that is also how the end of the one before is told."""
        node = _own(fields)
        if not self._has_states:
            self._finish_all(besides=node)
        if node:
            self._start(node)

    def _state(self, node: str, state: Mapping[str, Any]) -> None:
        if state.get("state") == "running":
            self._start(node)
            self._share(node, state)
        elif state.get("state") in ("finished", "error"):
            self._finish(node)

    def _start(self, node: str) -> None:
        self.current = class_of(self._graph, node) or self.current
        if node not in self._done:
            self._began.setdefault(node, self._clock())

    def _share(self, node: str, state: Mapping[str, Any]) -> None:
        value, most = state.get("value"), state.get("max")
        known = isinstance(value, int | float) and isinstance(most, int | float) and most > 0
        if known and node in self._graph and node not in self._done:
            self._shares[node] = min(1.0, max(0.0, float(value or 0) / float(most or 1)))

    def _finish(self, node: str) -> None:
        began = self._began.pop(node, None)
        if began is not None:
            self.seconds[node] = self.seconds.get(node, 0.0) + self._clock() - began
        self._shares.pop(node, None)
        if node in self._graph:
            self._done.add(node)

    def _finish_all(self, besides: str = "") -> None:
        for node in tuple(self._began):
            if node != besides:
                self._finish(node)


def _own(fields: Mapping[str, Any]) -> str:
    """Return the node of the workflow itself; one inside an expanded node shows as that."""
    return str(fields.get("display_node") or fields.get("node") or "")
