"""Runs the fake's queue: one prompt after the other, node by node, with ComfyUI's messages and its cache."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.comfy.fake.checks import Graph, ancestors, outputs
from tests.comfy.fake.folders import Folders
from tests.comfy.fake.nodes import EVERY, Image

Send = Callable[[str, dict[str, Any]], None]


class Interrupted(Exception):
    """Somebody interrupted the prompt."""


class OutOfMemoryError(Exception):
    """As torch's."""


@dataclass
class Prompt:
    """One in the queue."""

    number: int
    id: str
    graph: Graph
    client_id: str
    good_outputs: list[str]


@dataclass
class Executor:
    """The queue, the history, and the one thing that works on them."""

    folders: Folders
    send: Callable[[str, str, dict[str, Any]], None]
    """Sends (client id, type, data)."""
    pending: list[Prompt] = field(default_factory=list)
    running: Prompt | None = None
    history: dict[str, dict[str, Any]] = field(default_factory=dict)
    paused: bool = False
    """Whether the queue stands still, as behind somebody's long prompt."""
    is_interrupted: bool = False
    cache: dict[str, Any] = field(default_factory=dict)
    """Results and shown outputs by what a node depends on."""
    ran: list[str] = field(default_factory=list)
    """Classes of the nodes that were computed, in order."""

    def __post_init__(self) -> None:
        self.wake = asyncio.Event()
        self.slow_began = asyncio.Event()
        self.released = asyncio.Event()
        self.interrupts = 0

    async def work(self) -> None:
        while True:
            while self.pending and not self.paused:
                self.running = self.pending.pop(0)
                await self._execute(self.running)
                self.running = None
            self.wake.clear()
            await self.wake.wait()

    async def _execute(self, prompt: Prompt) -> None:
        self.is_interrupted = False
        messages: list[list[Any]] = []
        shown: dict[str, Any] = {}

        def tell(kind: str, **fields: Any) -> None:
            data = {"prompt_id": prompt.id, **fields}
            if kind.startswith("execution_"):
                messages.append([kind, data])
            self.send(prompt.client_id, kind, data)

        tell("execution_start")
        status = "success"
        at = ""
        try:
            order = self._order(prompt)
            cached = [node for node in order if self._key(prompt.graph, node) in self.cache]
            tell("execution_cached", nodes=cached)
            for at in order:
                await asyncio.sleep(0)
                await self._node(prompt, at, at in cached, shown, tell)
            tell("execution_success")
        except Interrupted:
            status = "error"
            tell("execution_interrupted", node_id=at, node_type=_class(prompt, at), executed=[])
        except Exception as error:
            status = "error"
            kind = type(error).__name__
            tell(
                "execution_error",
                node_id=at,
                node_type=_class(prompt, at),
                exception_type="torch.OutOfMemoryError" if kind == "OutOfMemoryError" else kind,
                exception_message=f"{error}\n",
                traceback=[],
            )
        self.history[prompt.id] = {
            "prompt": [prompt.number, prompt.id, prompt.graph, {}, []],
            "outputs": shown,
            "status": {
                "status_str": status,
                "completed": status == "success",
                "messages": messages,
            },
        }
        self.send(prompt.client_id, "executing", {"node": None, "prompt_id": prompt.id})

    def _order(self, prompt: Prompt) -> list[str]:
        order: list[str] = []
        for output in prompt.good_outputs:
            order += [node for node in ancestors(prompt.graph, output) if node not in order]
        return order

    async def _node(
        self, prompt: Prompt, node: str, cached: bool, shown: dict[str, Any], tell: Any
    ) -> None:
        key = self._key(prompt.graph, node)
        if not cached:
            tell("progress_state", nodes={node: {"value": 0, "max": 1, "state": "running"}})
            tell("executing", node=node, display_node=node)
            self.ran.append(_class(prompt, node))
            self.cache[key] = await self._computed(prompt, node)
            if self.is_interrupted:
                del self.cache[key]
                raise Interrupted
            tell("progress_state", nodes={node: {"value": 1, "max": 1, "state": "finished"}})
        if node in outputs(prompt.graph):
            shown[node] = {"images": self.cache[key]}
            tell("executed", node=node, display_node=node, output=shown[node])

    async def _computed(self, prompt: Prompt, node: str) -> Any:
        name = _class(prompt, node)
        given = self._values(prompt.graph, node)
        match name:
            case "Slow" | "Stubborn":
                await self._wait(stubborn=name == "Stubborn")
            case "Fails":
                raise ValueError("as told")
            case "OutOfMemory":
                raise OutOfMemoryError("Allocation on device")
            case "SaveImage":
                return self._saved("output", given["images"], given["filename_prefix"], prompt)
            case "PreviewImage":
                return self._saved("temp", given["images"], f"ComfyUI_temp_{node}", prompt)
            case "LoadImage" | "LoadImageMask":
                given["folders"] = self.folders
        return EVERY[name].run(**given)

    async def _wait(self, *, stubborn: bool) -> None:
        self.slow_began.set()
        while not self.released.is_set() and (stubborn or not self.is_interrupted):
            await asyncio.sleep(0.01)

    def _saved(self, kind: str, images: Image, prefix: str, prompt: Prompt) -> list[dict[str, str]]:
        keys = [self.folders.save(kind, prefix, one, json.dumps(prompt.graph)) for one in images]
        return [
            {"filename": name, "subfolder": subfolder, "type": made}
            for made, subfolder, name in keys
        ]

    def _values(self, graph: Graph, node: str) -> dict[str, Any]:
        return {
            name: self.cache[self._key(graph, value[0])][value[1]]
            if isinstance(value, list)
            else value
            for name, value in graph[node]["inputs"].items()
        }

    def _key(self, graph: Graph, node: str) -> str:
        nodes = {each: graph[each] for each in ancestors(graph, node)}
        return json.dumps([node, nodes], sort_keys=True)


def _class(prompt: Prompt, node: str) -> str:
    return str(prompt.graph.get(node, {}).get("class_type", ""))
