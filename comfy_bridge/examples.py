"""The node pack's example workflows, in the editor's format, made from the catalogue.

A workflow of the editor holds the widgets' values as a list in the node's own order, so a new parameter
of a step would shift them: they are written with the catalogue, and checked with it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comfy_bridge.nodes.catalogue import Description
from comfy_bridge.nodes.widgets import widgets_of

WIDTH = 330
ROW = 26
"""Height of a widget or a slot in the editor, px."""
_CORE: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    "LoadImage": ([], [("IMAGE", "IMAGE"), ("MASK", "MASK")]),
    "SaveImage": ([("images", "IMAGE")], []),
    "PreviewImage": ([("images", "IMAGE")], []),
    "PreviewAny": ([("source", "*")], []),
    "MaskToImage": ([("mask", "MASK")], [("IMAGE", "IMAGE")]),
    "RetuscheToEngine": (
        [("image", "IMAGE"), ("connection", "RETUSCHE_CONNECTION")],
        [("job_id", "STRING")],
    ),
    "RetuscheFromEngine": (
        [("connection", "RETUSCHE_CONNECTION"), ("job_id", "STRING")],
        [("image", "IMAGE"), ("mask", "MASK"), ("report", "STRING")],
    ),
    "RetuscheConnection": ([], [("connection", "RETUSCHE_CONNECTION")]),
}
"""Slots of the nodes that no step declares."""
CONNECTION = ["default", "", 600.0, 4, 4]
"""Values of a connection node: the configured default."""


@dataclass
class Workflow:
    """A workflow that grows node by node."""

    steps: Mapping[str, Description]
    nodes: list[dict[str, Any]] = field(default_factory=list)
    links: list[list[Any]] = field(default_factory=list)

    def add(
        self, kind: str, at: tuple[int, int], values: Sequence[Any] = (), **linked: tuple[int, str]
    ) -> int:
        """Add a node of ComfyUI's own, or one of ours that is no step.

        Args:
            kind: its class.
            at: where it stands, px.
            values: of its widgets, in their order.
            linked: (node, output) by the name of the input; names in lower case.

        Returns:
            Its number.
        """
        inputs, outputs = _CORE[kind]
        return self._placed(kind, at, inputs, outputs, list(values), linked)

    def step(
        self, name: str, at: tuple[int, int], changed: Mapping[str, Any], **linked: tuple[int, str]
    ) -> int:
        """Add a step's node with its defaults, but for the widgets that are changed."""
        step = self.steps[name]
        slots = {"source": ("image", "IMAGE"), "style": ("style_image", "IMAGE")}
        slots["mask"] = ("mask", "MASK")
        inputs = [slots[taken.role] for taken in step.inputs]
        inputs.append(("connection", "RETUSCHE_CONNECTION"))
        widgets = widgets_of(step.parameters, [own for own, _ in inputs])
        values = [changed.get(widget.id, widget.default) for widget in widgets]
        outputs = [
            ("image", "IMAGE"),
            *([("mask", "MASK")] * step.gives_mask),
            ("report", "STRING"),
        ]
        kind = "Retusche" + "".join(word.capitalize() for word in name.split("-"))
        return self._placed(kind, at, inputs, outputs, values, linked)

    def text(self) -> str:
        """Return the file's content."""
        workflow = {
            "last_node_id": len(self.nodes),
            "last_link_id": len(self.links),
            "nodes": self.nodes,
            "links": self.links,
            "groups": [],
            "config": {},
            "extra": {},
            "version": 0.4,
        }
        return json.dumps(workflow, indent=1, ensure_ascii=False) + "\n"

    def _placed(
        self,
        kind: str,
        at: tuple[int, int],
        inputs: Sequence[tuple[str, str]],
        outputs: Sequence[tuple[str, str]],
        values: list[Any],
        linked: Mapping[str, tuple[int, str]],
    ) -> int:
        number = len(self.nodes) + 1
        rows = max(len(inputs), len(outputs)) + len(values)
        node = {
            "id": number,
            "type": kind,
            "pos": list(at),
            "size": [WIDTH, max(60 + ROW * rows, 340 if kind in _TALL else 0)],
            "flags": {},
            "order": number - 1,
            "mode": 0,
            "inputs": [{"name": name, "type": type_, "link": None} for name, type_ in inputs],
            "outputs": [{"name": name, "type": type_, "links": []} for name, type_ in outputs],
            "properties": {"Node name for S&R": kind},
            "widgets_values": values,
        }
        self.nodes.append(node)
        for name, (source, output) in linked.items():
            self._link(source, output, number, name)
        return number

    def _link(self, source: int, output: str, target: int, name: str) -> None:
        slots = self.nodes[source - 1]["outputs"]
        from_slot = next(n for n, slot in enumerate(slots) if slot["name"].lower() == output)
        to = self.nodes[target - 1]["inputs"]
        to_slot = next(n for n, slot in enumerate(to) if slot["name"] == name)
        number = len(self.links) + 1
        slots[from_slot]["links"].append(number)
        to[to_slot]["link"] = number
        if name == "job_id":  # a widget that became an input
            to[to_slot]["widget"] = {"name": name}
        kind = slots[from_slot]["type"]
        self.links.append([number, source, from_slot, target, to_slot, kind])


_TALL = ("LoadImage", "SaveImage", "PreviewImage", "PreviewAny")
"""Nodes that show a picture or a text."""


def examples(steps: Sequence[Description]) -> dict[str, str]:
    """Return every example's file by its name."""
    named = {step.name: step for step in steps}
    makers = {
        "anonymize": _anonymize,
        "inpaint": _inpaint,
        "style and upscale": _style_and_upscale,
        "hand to engine": _engine,
    }
    found = {}
    for name, maker in makers.items():
        workflow = Workflow(named)
        maker(workflow)
        found[f"{name}.json"] = workflow.text()
    return found


def _anonymize(flow: Workflow) -> None:
    photo = flow.add("LoadImage", (0, 0), ["example.png", "image"])
    step = flow.step("anonymize", (380, 0), {"classes": "person"}, image=(photo, "image"))
    flow.add("SaveImage", (760, 0), ["anonymized"], images=(step, "image"))
    mask = flow.add("MaskToImage", (760, 400), mask=(step, "mask"))
    flow.add("PreviewImage", (760, 520), images=(mask, "image"))
    flow.add("PreviewAny", (1140, 0), source=(step, "report"))


def _inpaint(flow: Workflow) -> None:
    photo = flow.add("LoadImage", (0, 0), ["example.png", "image"])
    linked = {"image": (photo, "image"), "mask": (photo, "mask")}
    step = flow.step("inpaint", (380, 0), {}, **linked)
    flow.add("SaveImage", (760, 0), ["inpainted"], images=(step, "image"))


def _style_and_upscale(flow: Workflow) -> None:
    photo = flow.add("LoadImage", (0, 0), ["example.png", "image"])
    style = flow.add("LoadImage", (0, 400), ["example.png", "image"])
    linked = {"image": (photo, "image"), "style_image": (style, "image")}
    painted = flow.step("style-transfer", (380, 0), {"strength": 0.9}, **linked)
    large = flow.step("upscale", (760, 0), {"factor": 2.0}, image=(painted, "image"))
    flow.add("SaveImage", (1140, 0), ["painted"], images=(large, "image"))


def _engine(flow: Workflow) -> None:
    to = flow.add("RetuscheConnection", (0, 400), CONNECTION)
    photo = flow.add("LoadImage", (0, 0), ["example.png", "image"])
    chain = '[{"step": "anonymize"}, {"step": "upscale", "parameters": {"factor": 2}}]'
    linked = {"image": (photo, "image"), "connection": (to, "connection")}
    given = flow.add("RetuscheToEngine", (380, 0), [chain, "", "", "image/png"], **linked)
    linked = {"job_id": (given, "job_id"), "connection": (to, "connection")}
    fetched = flow.add("RetuscheFromEngine", (760, 0), ["", ""], **linked)
    flow.add("SaveImage", (1140, 0), ["fetched"], images=(fetched, "image"))
