"""The first draft of a declaration, from a workflow's own nodes and what a server says of their classes."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comfy_bridge.client.graph import Graph, Node
from comfy_bridge.shelf.api_format import is_link
from comfy_bridge.shelf.declaration import Declaration

SEEDS = frozenset({"seed", "noise_seed"})
LOADERS = {"LoadImage": "source", "LoadImageMask": "mask"}
SAVERS = ("SaveImage", "PreviewImage")
"""Output nodes that are known without a server; the first kind that the workflow has gives the result."""
MOST_CHOICES = 40
"""More than that is a list of files, which changes with what is installed."""
_LARGEST = 2**53
"""Bounds beyond it are none: 2^64 - 1, or the largest float."""
_TYPES = {"INT": "integer", "FLOAT": "number", "STRING": "string", "BOOLEAN": "boolean"}
_FILES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx")

ObjectInfo = Mapping[str, Any]
"""What `GET /object_info` answers: node classes by name."""


@dataclass(frozen=True)
class _Widget:
    node: str
    name: str
    value: Any
    spec: list[Any]
    """Type (or list of choices) and options, as the server says; empty without a server."""

    @property
    def path(self) -> str:
        return f"{self.node}.{self.name}"

    @property
    def options(self) -> Mapping[str, Any]:
        return self.spec[1] if len(self.spec) > 1 and isinstance(self.spec[1], dict) else {}


def drafted(graph: Graph, title: str, known: ObjectInfo | None = None) -> dict[str, Any]:
    """Return a declaration to be read over: names and descriptions are a person's to make good.

    Args:
        graph: of the workflow.
        title: of the declaration.
        known: node classes of a server; without it types come from the values, and there are no bounds.

    Raises:
        ValueError: there is no node that gives a picture.
    """
    widgets = list(_widgets(graph, known or {}))
    loaders = {node for node, each in graph.items() if each["class_type"] in LOADERS}
    outputs = list(_outputs(graph, known or {}))
    if not outputs:
        raise ValueError(f"no node saves a picture; known: {', '.join(SAVERS)}")
    aside = loaders | {output["node"] for output in outputs}
    free = [each for each in widgets if each.node not in aside and each.name not in SEEDS]
    draft = {
        "title": title,
        "summary": "",
        "licence": "not declared",
        "parts": _parts(graph),
        "inputs": dict(zip(_names(free, graph), map(_input, free), strict=True)),
        "seed": [each.path for each in widgets if each.name in SEEDS],
        "outputs": outputs,
        "timeoutSeconds": 600,
    }
    Declaration.model_validate(draft)
    return draft


def _widgets(graph: Graph, known: ObjectInfo) -> Iterator[_Widget]:
    for node, each in graph.items():
        inputs = known.get(each["class_type"], {}).get("input", {})
        specs = {**inputs.get("required", {}), **inputs.get("optional", {})}
        for name, value in each["inputs"].items():
            if not is_link(value) and isinstance(value, bool | int | float | str):
                yield _Widget(node, name, value, specs.get(name, []))


def _parts(graph: Graph) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for node, each in graph.items():
        role = LOADERS.get(each["class_type"])
        if role == "source" and "source" in parts:
            role = "style"
        if role is not None:
            parts.setdefault(role, []).append(f"{node}.image")
    return parts


def _outputs(graph: Graph, known: ObjectInfo) -> Iterator[dict[str, str]]:
    found = sorted(
        (node for node, each in graph.items() if _is_output(each, known)),
        key=lambda node: graph[node]["class_type"] != SAVERS[0],
    )
    for place, node in enumerate(found):
        kind = "META" if place else "BASE_PART"
        yield {"node": node, "type": kind, **({"label": f"extra{place}"} if place else {})}


def _is_output(node: Node, known: ObjectInfo) -> bool:
    takes_pictures = "images" in node["inputs"]
    described = known.get(node["class_type"], {})
    return node["class_type"] in SAVERS or (bool(described.get("output_node")) and takes_pictures)


def _names(widgets: list[_Widget], graph: Graph) -> list[str]:
    """Name each input by its widget, by its node's title where several are called so, and by its node's id."""
    names = [_camel(each.name) for each in widgets]
    for further in ("title", "id"):
        many = {name for name, count in Counter(names).items() if count > 1}
        names = [
            _camel(f"{_of_node(each, graph, further)} {each.name}") if name in many else name
            for name, each in zip(names, widgets, strict=True)
        ]
    return names


def _of_node(widget: _Widget, graph: Graph, which: str) -> str:
    title = graph[widget.node].get("_meta", {}).get("title") or graph[widget.node]["class_type"]
    return str(title) if which == "title" else f"{title} {widget.node}"


def _camel(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text)) or ["input"]
    name = words[0].lower() + "".join(word.capitalize() for word in words[1:])
    return name[:64] if name[0].isalpha() else f"input{name}"[:64]


def _input(widget: _Widget) -> dict[str, Any]:
    declared: dict[str, Any] = {"paths": widget.path, "type": _type(widget)}
    options = widget.options
    if declared["type"] in ("integer", "number"):
        for theirs, ours in (("min", "minimum"), ("max", "maximum")):
            if abs(options.get(theirs, _LARGEST)) < _LARGEST:
                declared[ours] = options[theirs]
    choices = _choices(widget)
    if 0 < len(choices) <= MOST_CHOICES and not str(widget.value).endswith(_FILES):
        declared["choices"] = choices
    declared["description"] = str(options.get("tooltip", ""))
    return declared


def _choices(widget: _Widget) -> list[Any]:
    kind = widget.spec[0] if widget.spec else None
    found = kind if isinstance(kind, list) else widget.options.get("options", [])
    return found if widget.value in found else []


def _type(widget: _Widget) -> str:
    kind = widget.spec[0] if widget.spec else None
    if isinstance(kind, str) and kind in _TYPES:
        return _TYPES[kind]
    for python, name in ((bool, "boolean"), (int, "integer"), (float, "number")):
        if isinstance(widget.value, python):
            return name
    return "string"
