"""Reads TensorFlow's frozen graphs without TensorFlow: nodes, their inputs, their constants.

In: the bytes of a `GraphDef` (protocol buffers, tensorflow/core/framework/{graph,node_def,attr_value,
tensor}.proto). Out: `Node`s by name. Only what frozen convolutional graphs hold is read: float32
tensors, lists of integers, strings, floats.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FLOAT = 1
"""DT_FLOAT of tensorflow/core/framework/types.proto."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: dict[str, bytes] = field(default_factory=dict)
    """Each an encoded `AttrValue`."""

    def text(self, name: str) -> str:
        """Return a string attribute."""
        return _only(self.attributes[name], 2).decode()

    def number(self, name: str) -> float:
        """Return a float attribute."""
        return float(np.frombuffer(_only(self.attributes[name], 4), "<f4")[0])

    def integers(self, name: str) -> list[int]:
        """Return a list of small integers."""
        return list(_only(_only(self.attributes[name], 1), 3))

    def tensor(self) -> Float32:
        """Return the constant's value.

        Raises:
            ValueError: it is not float32.
        """
        return _tensor(_only(self.attributes["value"], 8), self.name)


def read(content: bytes) -> dict[str, Node]:
    """Return the nodes of an encoded `GraphDef` by name, in the file's order.

    Raises:
        ValueError: the bytes are no protocol buffer.
    """
    nodes = [_node(value) for number, value in _fields(content) if number == 1]
    return {node.name: node for node in nodes}


def constant(nodes: dict[str, Node], name: str) -> Float32:
    """Return a constant, also through the Identity nodes that freezing leaves behind.

    Raises:
        ValueError: the name leads to no float32 constant.
    """
    node = nodes[name]
    while node.op == "Identity":
        node = nodes[node.inputs[0]]
    if node.op != "Const":
        raise ValueError(f"{name} comes from {node.op} {node.name!r}, not from a constant")
    return node.tensor()


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (field number, bytes) of a message; variable-length integers as their little-endian bytes."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(content, at)
            yield key >> 3, value.to_bytes(8, "little")
            continue
        length = {_FIXED64: 8, _FIXED32: 4}.get(kind)
        if kind == _LENGTH:
            length, at = _varint(content, at)
        if length is None or at + length > len(content):
            raise ValueError(f"no protocol buffer: field of type {kind} at byte {at}")
        yield key >> 3, content[at : at + length]
        at += length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(content) and shift < 64:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError(f"no protocol buffer: number without an end at byte {at}")


def _only(content: bytes, number: int) -> bytes:
    """Return the last value of a field, empty where it is absent (the format's default)."""
    values = [value for found, value in _fields(content) if found == number]
    return values[-1] if values else b""


def _node(content: bytes) -> Node:
    inputs: list[str] = []
    attributes: dict[str, bytes] = {}
    for number, value in _fields(content):
        if number == 3:
            inputs.append(value.decode())
        elif number == 5:
            attributes[_only(value, 1).decode()] = _only(value, 2)
    return Node(_only(content, 1).decode(), _only(content, 2).decode(), tuple(inputs), attributes)


def _tensor(content: bytes, name: str) -> Float32:
    kind = int.from_bytes(_only(content, 1), "little")
    if kind != _FLOAT:
        raise ValueError(f"constant {name!r} is of type {kind}; only float32 ({_FLOAT}) is read")
    shape = [
        int.from_bytes(_only(value, 1), "little")
        for number, value in _fields(_only(content, 2))
        if number == 2
    ]
    raw = _only(content, 4) or b"".join(v for number, v in _fields(content) if number == 5)
    values = np.frombuffer(raw, "<f4").astype(np.float32)
    if values.size == 1:  # the format's abbreviation for equal values
        return np.full(shape, values[0], np.float32)
    if values.size != prod(shape):
        raise ValueError(f"constant {name!r} has {values.size} values for the shape {shape}")
    return values.reshape(shape)
