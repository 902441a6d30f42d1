"""Rewrites the style networks' ONNX graphs: same arithmetic, less memory, any size of picture.

The files write out instance normalization in nine operations, each with a full-size result; here
they become one (ONNX `InstanceNormalization`). The network for style pictures comes quantized to 8
bits and fixed to 384×384 px; here its activations stay float32 (the weights remain the file's own)
and its size becomes free, since every operation in it works at any size.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from steps.errors import WeightsInvalid

_QUANTIZERS = {"QuantizeLinear", "DequantizeLinear"}


def read(content: bytes, name: str) -> Any:
    """Parse a file into an ONNX model.

    Raises:
        WeightsInvalid: it is none.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        return onnx.load_from_string(content)
    except DecodeError as error:
        raise WeightsInvalid(f"{name} is no ONNX model: {error}", pointer=name) from error


def free_size(model: Any) -> None:
    """Let height and width (axes 1 and 2) of the first input and output be anything."""
    for value in (model.graph.input[0], model.graph.output[0]):
        sides = value.type.tensor_type.shape.dim
        sides[1].dim_param, sides[2].dim_param = "height", "width"
    del model.graph.value_info[:]


def without_quantized_activations(model: Any) -> None:
    """Leave out every pair that rounds an activation to 8 bits; weights stay quantized."""
    graph = model.graph
    constants = {value.name for value in graph.initializer}
    skipped = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type in _QUANTIZERS and node.input[0] not in constants
    }
    source = {name: _origin(name, skipped) for name in skipped}
    kept = [node for node in graph.node if node.output[0] not in skipped]
    # A graph's output keeps its name: the node that now makes it takes the name over.
    taken_over = {source[v.name]: v.name for v in graph.output if v.name in source}
    names = {name: taken_over.get(origin, origin) for name, origin in source.items()} | taken_over
    for node in kept:
        _rename(node.input, names)
        _rename(node.output, names)
    _replace(graph, kept)


def fuse_instance_norms(model: Any) -> None:
    """Turn every written-out instance normalization into one operation.

    Found from its square root: variance + epsilon → root → reciprocal → times scale → times the
    convolution's result → plus shift. What only led there is taken out: the runtime would go on computing it.

    Raises:
        WeightsInvalid: a square root of the graph is not part of such a sequence.
    """
    import onnx

    graph = _Graph(model.graph)
    fused: dict[str, list[Any]] = {}
    for root in (node for node in model.graph.node if node.op_type == "Sqrt"):
        convolved, scale, shift, end = graph.norm_round(root)
        flat = [f"{end}/scale", f"{end}/shift"]
        fused[end] = [
            *(
                onnx.helper.make_node("Reshape", [value, _FLAT], [name])
                for value, name in zip((scale, shift), flat, strict=True)
            ),
            onnx.helper.make_node(
                "InstanceNormalization", [convolved, *flat], [end], epsilon=graph.epsilon_of(root)
            ),
        ]
    nodes = [new for node in model.graph.node for new in fused.get(node.output[0], [node])]
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([-1]), _FLAT))
    _replace(model.graph, _needed(nodes, {value.name for value in model.graph.output}))


_FLAT = "retusche/flat"


class _Graph:
    """A graph's nodes by what they make and what they take."""

    def __init__(self, graph: Any) -> None:
        self.maker = {name: node for node in graph.node for name in node.output}
        self.takers: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self.takers.setdefault(name, []).append(node)
        self.constants = {value.name: value for value in graph.initializer}

    def norm_round(self, root: Any) -> tuple[str, str, str, str]:
        """Names of what is normalized, its scale, its shift, and the result."""
        try:
            inverse = self._only(root.output[0], {"Reciprocal", "Div"})
            return self._centred(inverse) or self._folded(inverse)
        except (KeyError, IndexError, ValueError) as error:
            raise WeightsInvalid(
                f"the graph's node {root.name!r} is not part of an instance normalization"
            ) from error

    def _centred(self, inverse: Any) -> tuple[str, str, str, str] | None:
        """The form (x - mean) · inverse · scale + shift."""
        product = self._only(inverse.output[0], {"Mul"})
        centred = self.maker.get(_other(product, inverse.output[0]))
        if centred is None or centred.op_type != "Sub":
            return None
        scaled = self._only(product.output[0], {"Mul"})
        total = self._only(scaled.output[0], {"Add"})
        return (
            centred.input[0],
            _other(scaled, product.output[0]),
            _other(total, scaled.output[0]),
            total.output[0],
        )

    def _folded(self, inverse: Any) -> tuple[str, str, str, str]:
        """The form x · factor + (shift - mean · factor), with factor = inverse · scale."""
        factor = self._only(inverse.output[0], {"Mul"})
        scaled = next(
            node
            for node in self.takers[factor.output[0]]
            if (made := self.maker.get(_other(node, factor.output[0]))) is not None
            and made.op_type == "Conv"
        )
        total = self._only(scaled.output[0], {"Add"})
        offset = self.maker[_other(total, scaled.output[0])]
        return (
            _other(scaled, factor.output[0]),
            _other(factor, inverse.output[0]),
            offset.input[0],
            total.output[0],
        )

    def epsilon_of(self, root: Any) -> float:
        """What is added to the variance, dequantized where the file holds it as 8 bits."""
        from onnx import numpy_helper

        total = self.maker[root.input[0]]
        for name in total.input:
            if name in self.constants:
                return float(numpy_helper.to_array(self.constants[name]).item())
            made = self.maker[name]
            if made.op_type == "Constant":
                return float(numpy_helper.to_array(made.attribute[0].t).item())
            if made.op_type == "DequantizeLinear":
                value, step, zero = (
                    numpy_helper.to_array(self.constants[part]) for part in made.input
                )
                return float(((value.astype(np.float32) - zero) * step).item())
        raise WeightsInvalid(f"the graph's node {root.name!r} adds no constant to the variance")

    def _only(self, name: str, kinds: set[str]) -> Any:
        (node,) = (taker for taker in self.takers[name] if taker.op_type in kinds)
        return node


def _other(node: Any, name: str) -> str:
    (other,) = (value for value in node.input if value != name)
    return str(other)


def _origin(name: str, skipped: dict[str, str]) -> str:
    while name in skipped:
        name = skipped[name]
    return name


def _needed(nodes: list[Any], wanted: set[str]) -> list[Any]:
    """Leave out what leads to none of the outputs; the nodes are in the order in which they run."""
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]


def _rename(names: Any, new: dict[str, str]) -> None:
    for place, name in enumerate(names):
        names[place] = new.get(name, name)


def _replace(graph: Any, nodes: Iterable[Any]) -> None:
    kept = list(nodes)
    del graph.node[:]
    graph.node.extend(kept)
