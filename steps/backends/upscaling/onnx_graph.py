"""Writes layers that `ncnn_files` has read as an ONNX graph that onnxruntime runs fast.

A graph may be written in pieces: from any blob to any blob. Its one input is "in", its one output
"out": float32 (1, channels, height, width), or pixels: uint8 (1, height, width, 3).

onnxruntime's blocked convolutions (NCHWc) take no PReLU: every one costs two reorderings and a slow
kernel, a fifth of animevideov3's time. Written as slope · x + (1 - slope) · max(x, 0) with two
1×1 depthwise convolutions it stays blocked.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps.backends.upscaling.ncnn_files import Layer
from steps.errors import WeightsInvalid

_OPSET = 17
_IR_VERSION = 8
_LEAKY_RELU = 2
_NEAREST = 1
_SUM = 1


def write(
    layers: tuple[Layer, ...],
    *,
    start: str = "data",
    end: str = "output",
    pixels_in: bool = True,
    pixels_out: bool = True,
) -> bytes:
    """Write the part of a network between two blobs.

    Args:
        layers: the whole network.
        start: blob that becomes the input.
        end: blob that becomes the output.
        pixels_in: whether the input is pixels, turned into 0..1 here.
        pixels_out: whether the output is pixels, made from 0..1 here: clipped and rounded.

    Raises:
        WeightsInvalid: a layer does what this writer does not know, or `end` does not follow from `start`.
    """
    from onnx import TensorProto, checker, helper

    graph = _Graph()
    graph.names[start] = graph.from_pixels("in") if pixels_in else "in"
    for layer in _between(layers, start, end):
        graph.layer(layer)
    graph.nodes.append(
        helper.make_node(
            "Identity", [graph.to_pixels(end) if pixels_out else graph.names[end]], ["out"]
        )
    )
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "upscaler",
            [_value("in", TensorProto, pixels=pixels_in)],
            [_value("out", TensorProto, pixels=pixels_out)],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="retusche",
    )
    checker.check_model(model)
    return bytes(model.SerializeToString())


def _value(name: str, types: Any, *, pixels: bool) -> Any:
    from onnx import helper

    if pixels:
        return helper.make_tensor_value_info(name, types.UINT8, [1, f"{name}_h", f"{name}_w", 3])
    shape = [1, None, f"{name}_h", f"{name}_w"]
    return helper.make_tensor_value_info(name, types.FLOAT, shape)


def _between(layers: tuple[Layer, ...], start: str, end: str) -> list[Layer]:
    """The layers that `end` needs, in order, given `start`."""
    needed, found = {end}, []
    for layer in reversed(layers):
        wanted = needed.intersection(layer.outputs) - {start}
        if wanted:
            found.append(layer)
            needed = (needed - wanted).union(layer.inputs)
    if needed != {start}:
        raise WeightsInvalid(f"blob {end!r} does not follow from {start!r} alone: {sorted(needed)}")
    return [layer for layer in reversed(found) if layer.kind != "Input"]


class _Graph:
    """The nodes and constants so far, and which value each blob became."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.names: dict[str, str] = {}

    def layer(self, layer: Layer) -> None:
        """Append what a layer does."""
        inputs = [self.names[blob] for blob in layer.inputs]
        match layer.kind:
            case "Split":
                value = inputs[0]
            case "Convolution":
                value = self._convolution(layer, inputs[0])
            case "PReLU":
                value = self._prelu(inputs[0], layer.weights[0])
            case "Concat":
                value = self._add("Concat", *inputs, axis=1)
            case "BinaryOp" if layer.numbers.get(0, 0) == 0:
                value = self._add("Add", *inputs)
            case "Eltwise" if layer.numbers.get(0) == _SUM:
                value = self._weighted_sum(inputs, layer.lists[1])
            case "PixelShuffle":
                side = int(layer.numbers[0])
                value = self._add("DepthToSpace", inputs[0], blocksize=side, mode="CRD")
            case "Interp" if layer.numbers.get(0) == _NEAREST:
                value = self._nearest(inputs[0], layer.numbers[1], layer.numbers[2])
            case kind:
                raise WeightsInvalid(f"layer {layer.name}: this form of {kind} is not known")
        for blob in layer.outputs:
            self.names[blob] = value

    def from_pixels(self, value: str) -> str:
        """Append what turns uint8 (1, height, width, 3) into 0..1 (1, 3, height, width)."""
        from onnx import TensorProto

        planes = self._add("Transpose", value, perm=[0, 3, 1, 2])
        floats = self._add("Cast", planes, to=TensorProto.FLOAT)
        return self._add("Mul", floats, self._constant(np.float32(1 / 255)))

    def to_pixels(self, blob: str) -> str:
        """Append the way back, clipped to 0..1 and rounded to the nearest level."""
        from onnx import TensorProto

        low, high = self._constant(np.float32(0)), self._constant(np.float32(1))
        clipped = self._add("Clip", self.names[blob], low, high)
        levels = self._add("Round", self._add("Mul", clipped, self._constant(np.float32(255))))
        return self._add(
            "Transpose", self._add("Cast", levels, to=TensorProto.UINT8), perm=[0, 2, 3, 1]
        )

    def _convolution(self, layer: Layer, value: str) -> str:
        kernel, bias = layer.weights
        pad, stride = int(layer.numbers.get(4, 0)), int(layer.numbers.get(3, 1))
        if stride != 1:
            raise WeightsInvalid(f"layer {layer.name}: a stride of {stride} is not known")
        out = self._add("Conv", value, self._constant(kernel), self._constant(bias), pads=[pad] * 4)
        activation = int(layer.numbers.get(9, 0))
        if activation == 0:
            return out
        if activation != _LEAKY_RELU:
            raise WeightsInvalid(f"layer {layer.name}: activation {activation} is not known")
        return self._add("LeakyRelu", out, alpha=layer.lists[10][0])

    def _prelu(self, value: str, slope: NDArray[np.float32]) -> str:
        both = self._depthwise(value, slope)
        above = self._depthwise(self._add("Relu", value), 1 - slope)
        return self._add("Add", both, above)

    def _depthwise(self, value: str, scale: NDArray[np.float32]) -> str:
        return self._add(
            "Conv", value, self._constant(scale.reshape(-1, 1, 1, 1)), group=len(scale)
        )

    def _weighted_sum(self, values: list[str], weights: tuple[float, ...]) -> str:
        terms = [
            value if weight == 1 else self._add("Mul", value, self._constant(np.float32(weight)))
            for value, weight in zip(values, weights, strict=True)
        ]
        return self._add("Add", *terms)

    def _nearest(self, value: str, down: float, across: float) -> str:
        scales = self._constant(np.array([1, 1, down, across], np.float32))
        return self._add(
            "Resize",
            value,
            "",
            scales,
            mode="nearest",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        )

    def _add(self, kind: str, *inputs: str, **attributes: object) -> str:
        from onnx import helper

        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def _constant(self, value: NDArray[Any] | np.float32) -> str:
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name
