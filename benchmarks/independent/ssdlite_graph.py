"""Translates a frozen SSDLite network from TensorFlow to ONNX: layer by layer, with the file's own weights.

Only the convolutional part is translated (feature extractor and the six predictors); making anchors and
suppressing overlaps is `ssdlite`'s. TensorFlow keeps pictures as height × width × channel, ONNX as
channel × height × width, so every kernel is transposed.
"""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from benchmarks.independent.frozen_graph import Float32, Node, constant

INPUT = "Preprocessor/sub"
"""The frozen graph's node that gives the prepared picture: here the input, float32 (1, 3, side, side), -1..1."""
PARTS = ("FeatureExtractor/", "BoxPredictor_")
LEVELS = 6
"""Feature maps that the predictors look at."""
OUTPUTS = tuple(
    f"BoxPredictor_{level}/{kind}/BiasAdd"
    for level in range(LEVELS)
    for kind in ("BoxEncodingPredictor", "ClassPredictor")
)
"""By level: box encodings and class scores, each float32 (1, values × anchors, rows, columns)."""
OPSET, IR_VERSION = 17, 9


class _Translation:
    """ONNX nodes and constants, as far as they are translated."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.source = nodes
        self.nodes: list[onnx.NodeProto] = []
        self.constants = [
            numpy_helper.from_array(np.array(0, np.float32), "zero"),
            numpy_helper.from_array(np.array(6, np.float32), "six"),
        ]
        self._translators: dict[str, Callable[[Node], None]] = {
            "Conv2D": self._convolution,
            "DepthwiseConv2dNative": self._convolution,
            "FusedBatchNorm": self._normalization,
            "Relu6": self._relu6,
            "BiasAdd": self._bias,
            "Add": self._add,
            "Identity": self._identity,
        }

    def translate(self, node: Node) -> None:
        """Translate what computes; constants and the reshaping after the predictors are not needed."""
        translator = self._translators.get(node.op)
        if translator is not None:
            translator(node)

    def _emit(self, op: str, node: Node, *more: str, **attributes: object) -> None:
        self.nodes.append(helper.make_node(op, [node.inputs[0], *more], [node.name], **attributes))

    def _constant(self, name: str, value: Float32) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _convolution(self, node: Node) -> None:
        kernel = constant(self.source, node.inputs[1])
        depthwise = node.op == "DepthwiseConv2dNative"
        turned = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        self._emit(
            "Conv",
            node,
            self._constant(f"{node.name}/kernel", turned),
            strides=node.integers("strides")[1:3],
            group=turned.shape[0] if depthwise else 1,
            auto_pad="SAME_UPPER" if node.text("padding") == "SAME" else "VALID",
        )

    def _normalization(self, node: Node) -> None:
        values = [
            self._constant(f"{node.name}/{index}", constant(self.source, name))
            for index, name in enumerate(node.inputs[1:])
        ]
        self._emit("BatchNormalization", node, *values, epsilon=node.number("epsilon"))

    def _relu6(self, node: Node) -> None:
        self._emit("Clip", node, "zero", "six")

    def _bias(self, node: Node) -> None:
        bias = constant(self.source, node.inputs[1]).reshape(1, -1, 1, 1)
        self._emit("Add", node, self._constant(f"{node.name}/bias", bias))

    def _add(self, node: Node) -> None:
        self._emit("Add", node, node.inputs[1])

    def _identity(self, node: Node) -> None:
        if self.source[node.inputs[0]].op != "Const":
            self._emit("Identity", node)


def to_onnx(nodes: dict[str, Node]) -> bytes:
    """Return the network as an ONNX file's bytes: `INPUT` in, `OUTPUTS` out.

    Raises:
        ValueError: the graph lacks one of the outputs, or has an operation that is not translated.
    """
    missing = [name for name in (INPUT, *OUTPUTS) if name not in nodes]
    if missing:
        raise ValueError(f"this is no frozen SSDLite graph; missing: {', '.join(missing)}")
    translation = _Translation(nodes)
    for node in nodes.values():
        if node.name.startswith(PARTS):
            translation.translate(node)
    graph = helper.make_graph(
        translation.nodes,
        "ssdlite",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, (1, 3, "height", "width"))],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, None, None, None))
            for name in OUTPUTS
        ],
        translation.constants,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
