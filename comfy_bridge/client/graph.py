"""The types of a workflow in ComfyUI's API format, and of what is done with it."""

from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]
"""{"class_type": …, "inputs": {name: value or [node id, output index]}}, perhaps with "_meta"."""
Graph: TypeAlias = dict[str, Node]
"""Nodes by id."""


def class_of(graph: Graph, node: str) -> str:
    """Return the class of a node, "" for one that is not in the graph (a part of an expanded one)."""
    return str(graph.get(node, {}).get("class_type", ""))
