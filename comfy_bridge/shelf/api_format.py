"""Workflows in ComfyUI's API format: read, checked, and filled in."""

import copy
import json
from collections.abc import Iterable, Mapping
from typing import Any

from comfy_bridge.client.graph import Graph
from comfy_bridge.shelf.errors import WorkflowInvalid


def parse(content: bytes, name: str) -> Graph:
    """Return the graph of a file.

    Args:
        content: of the file.
        name: of the file, for the error.

    Raises:
        WorkflowInvalid: it is not JSON, or not of the API format.
    """
    try:
        graph = json.loads(content)
    except ValueError as error:
        raise WorkflowInvalid(f"{name} is not JSON: {error}") from None
    if isinstance(graph, dict) and isinstance(graph.get("nodes"), list):
        raise WorkflowInvalid(
            f"{name} is of the editor's format; in ComfyUI's menu, export it with 'Export (API)'"
        )
    if not isinstance(graph, dict) or not graph:
        raise WorkflowInvalid(f"{name} holds no nodes")
    for node, content_of in graph.items():
        if not isinstance(content_of, dict) or not (
            isinstance(content_of.get("class_type"), str)
            and isinstance(content_of.get("inputs"), dict)
        ):
            raise WorkflowInvalid(f"{name}: node {node!r} has no class_type or no inputs")
    return graph


def value_at(graph: Graph, path: str) -> Any:
    """Return the value of a widget.

    Raises:
        WorkflowInvalid: there is no such node or input, or it is connected to another node.
    """
    node, _, name = path.partition(".")
    if node not in graph:
        raise WorkflowInvalid(f"{path!r}: there is no node {node!r}; known: {', '.join(graph)}")
    inputs = graph[node]["inputs"]
    if name not in inputs:
        raise WorkflowInvalid(
            f"{path!r}: node {node!r} ({graph[node]['class_type']}) has no input {name!r}; "
            f"known: {', '.join(inputs) or 'none'}"
        )
    if is_link(inputs[name]):
        raise WorkflowInvalid(f"{path!r}: the input gets its value from node {inputs[name][0]!r}")
    return inputs[name]


def is_link(value: object) -> bool:
    """Say whether an input's value is a connection: [node id, output index]."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def filled(graph: Graph, values: Iterable[tuple[str, Any]]) -> Graph:
    """Return a copy of a graph with other values at some paths."""
    made = copy.deepcopy(graph)
    for path, value in values:
        node, _, name = path.partition(".")
        made[node]["inputs"][name] = value
    return made


def with_prefix(graph: Graph, nodes: Iterable[str], prefix: str) -> Graph:
    """Return a copy whose saving nodes write files of this prefix.

    With a prefix of its own each prompt writes new files, although ComfyUI caches nodes: the files of an earlier
    one may have been cleared away.
    """
    paths = [f"{node}.filename_prefix" for node in nodes]
    return filled(graph, [(path, prefix) for path in paths if _is_set(graph, path)])


def _is_set(graph: Mapping[str, Any], path: str) -> bool:
    node, _, name = path.partition(".")
    return name in graph[node]["inputs"]
