"""Reads a network in ncnn's file format: a graph as text (.param) and its weights (.bin).

The text's first line is a magic number, the second counts layers and blobs; then each line is a
layer: kind, name, number of inputs and outputs, their blobs, and parameters as `id=value` (ids
from -23300 down: `id=count,value,…`). The binary holds the weights in the layers' order: a
convolution's kernel behind a tag that names its type, everything else as float32. Source:
https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure. Only the kinds that
Real-ESRGAN's networks are made of are read.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steps.errors import WeightsInvalid

Floats = NDArray[np.float32]

_MAGIC = "7767517"
_FP16_TAG = 0x01306B47
_FP32_TAG = 0
_ARRAY_IDS = -23300
_WITHOUT_WEIGHTS = {"Input", "Split", "Concat", "Eltwise", "BinaryOp", "Interp", "PixelShuffle"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the graph with its weights."""

    kind: str
    """ncnn's name, e.g. "Convolution"."""
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    numbers: dict[int, float]
    """Parameters by ncnn's id; one that the file leaves out has ncnn's default."""
    lists: dict[int, tuple[float, ...]]
    """Parameters that are lists, by their id without the offset of -23300."""
    weights: tuple[Floats, ...] = field(default=())
    """Convolution: kernel (out, in, height, width) and bias (out,). PReLU: slope (channels,)."""


def read(graph: Path, weights: Path) -> tuple[Layer, ...]:
    """Read a network.

    Raises:
        WeightsInvalid: a file is damaged, of another format, or holds a kind of layer not read here.
    """
    try:
        layers = _layers(graph.read_text(encoding="ascii"))
        binary = _Binary(weights.read_bytes())
        found = tuple(_with_weights(layer, binary) for layer in layers)
    except (ValueError, IndexError, KeyError) as error:
        raise WeightsInvalid(
            f"{graph.name} and {weights.name} are no ncnn network that can be read: {error}",
            pointer=graph.name,
        ) from error
    if binary.rest:
        raise WeightsInvalid(
            f"{weights.name} has {binary.rest} bytes more than {graph.name} asks for",
            pointer=weights.name,
        )
    return found


def _layers(text: str) -> list[Layer]:
    lines = text.split("\n")
    if lines[0] != _MAGIC:
        raise ValueError(f"the graph begins with {lines[0][:20]!r} instead of {_MAGIC}")
    expected = int(lines[1].split()[0])
    layers = [_layer(line.split()) for line in lines[2:] if line.strip()]
    if len(layers) != expected:
        raise ValueError(f"the graph has {len(layers)} layers instead of {expected}")
    return layers


def _layer(words: list[str]) -> Layer:
    kind, name, inputs, outputs = words[0], words[1], int(words[2]), int(words[3])
    blobs, parameters = words[4 : 4 + inputs + outputs], words[4 + inputs + outputs :]
    numbers: dict[int, float] = {}
    lists: dict[int, tuple[float, ...]] = {}
    for parameter in parameters:
        id_, value = parameter.split("=")
        if int(id_) <= _ARRAY_IDS:
            lists[_ARRAY_IDS - int(id_)] = tuple(float(part) for part in value.split(",")[1:])
        else:
            numbers[int(id_)] = float(value)
    return Layer(kind, name, tuple(blobs[:inputs]), tuple(blobs[inputs:]), numbers, lists)


def _with_weights(layer: Layer, binary: "_Binary") -> Layer:
    match layer.kind:
        case "Convolution":
            out, side, count = (int(layer.numbers[i]) for i in (0, 1, 6))
            kernel = binary.tagged(count).reshape(out, -1, side, side)
            weights: tuple[Floats, ...] = (kernel, binary.floats(out))
        case "PReLU":
            weights = (binary.floats(int(layer.numbers[0])),)
        case kind if kind in _WITHOUT_WEIGHTS:
            weights = ()
        case kind:
            raise ValueError(f"layer {layer.name} is of the unknown kind {kind}")
    return Layer(
        layer.kind, layer.name, layer.inputs, layer.outputs, layer.numbers, layer.lists, weights
    )


class _Binary:
    """The weights file, read from front to back."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    @property
    def rest(self) -> int:
        return len(self._content) - self._place

    def tagged(self, count: int) -> Floats:
        """Numbers behind a tag: float16 padded to a multiple of 4 bytes, or float32."""
        tag = int.from_bytes(self._take(4), "little")
        if tag == _FP16_TAG:
            padded = self._take((2 * count + 3) // 4 * 4)
            return np.frombuffer(padded, "<f2", count).astype(np.float32)
        if tag == _FP32_TAG:
            return self.floats(count)
        raise ValueError(f"weights of the unknown type {tag:#010x}")

    def floats(self, count: int) -> Floats:
        return np.frombuffer(self._take(4 * count), "<f4", count).astype(np.float32)

    def _take(self, count: int) -> bytes:
        if count > self.rest:
            raise ValueError(f"the weights end {count - self.rest} bytes too early")
        taken = self._content[self._place : self._place + count]
        self._place += count
        return taken
