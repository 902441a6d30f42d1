"""Writes the ONNX graph of a YOLOv8 detection network from its checkpoint's module tree.

Input of the graph: "pixels", uint8 (1, height, width, 3), RGB, height and width multiples of 32.
Outputs: "distances", float32 (1, 64, anchors): for each side (left, top, right, bottom) 16 logits
of its distance in cells; "logits", float32 (1, classes, anchors). Anchors run over the strides
8, 16, 32, each row by row. Turning them into boxes is left to the caller, who does it for the few
anchors over the threshold only. Architecture: YOLOv8 as described by the checkpoint itself
(https://docs.ultralytics.com/models/yolov8); batch norms are folded into their convolutions.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps.backends.detection.torch_checkpoint import Module
from steps.errors import WeightsInvalid

VERSION = 1
"""Raise it whenever the written graph changes: cached graphs of other versions are not used."""

BINS = 16
"""Bins of the distance distribution of one side of a box."""
_OPSET = 17
_IR_VERSION = 8

Array = NDArray[Any]


class _Graph:
    """The nodes and constants so far; every method returns the name of the value it made."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        """Append a node with one output."""
        from onnx import helper

        name = output or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, array: Array) -> str:
        """Append a constant."""
        from onnx import numpy_helper

        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def concat(self, values: list[str], axis: int = 1, output: str | None = None) -> str:
        """Join values along an axis, channels by default."""
        return self.add("Concat", *values, axis=axis, output=output)

    def conv2d(self, module: Module, x: str, norm: Module | None = None) -> str:
        """A convolution with its batch norm folded in."""
        weight, bias = _folded(module, norm)
        pads = [int(n) for n in module.get("padding", tuple)]
        return self.add(
            "Conv",
            x,
            self.constant(weight),
            self.constant(bias),
            kernel_shape=list(weight.shape[2:]),
            strides=[int(n) for n in module.get("stride", tuple)],
            pads=pads * 2,
            group=module.get("groups", int),
        )

    def block(self, module: Module, x: str) -> str:
        """Any module that takes one value."""
        writers = {
            "Conv": self._conv,
            "Conv2d": self.conv2d,
            "Sequential": self._sequence,
            "C2f": self._c2f,
            "Bottleneck": self._bottleneck,
            "SPPF": self._sppf,
            "Upsample": self._upsample,
        }
        if module.kind not in writers:
            raise WeightsInvalid(f"a YOLOv8 network has no module of the kind {module.kind}")
        return writers[module.kind](module, x)

    def _conv(self, module: Module, x: str) -> str:
        y = self.conv2d(module.get("conv", Module), x, module.get("bn", Module))
        act = module.get("act", Module).kind
        if act != "SiLU":
            raise WeightsInvalid(f"the activation {act} is not known; YOLOv8 uses SiLU")
        return self.add("Mul", y, self.add("Sigmoid", y))

    def _sequence(self, module: Module, x: str) -> str:
        for child in module.children():
            x = self.block(child, x)
        return x

    def _c2f(self, module: Module, x: str) -> str:
        both = self.block(module.get("cv1", Module), x)
        channels = module.get("c", int)
        cut = self.constant(np.array([channels, channels], np.int64))
        from onnx import helper

        halves = [f"{both}_a", f"{both}_b"]
        self.nodes.append(helper.make_node("Split", [both, cut], halves, axis=1))
        parts = list(halves)
        for child in module.get("m", Module).children():
            parts.append(self.block(child, parts[-1]))
        return self.block(module.get("cv2", Module), self.concat(parts))

    def _bottleneck(self, module: Module, x: str) -> str:
        y = self.block(module.get("cv2", Module), self.block(module.get("cv1", Module), x))
        return self.add("Add", x, y) if module.get("add", bool) else y

    def _sppf(self, module: Module, x: str) -> str:
        parts = [self.block(module.get("cv1", Module), x)]
        side = module.get("m", Module).get("kernel_size", int)
        for _ in range(3):
            parts.append(
                self.add(
                    "MaxPool",
                    parts[-1],
                    kernel_shape=[side, side],
                    strides=[1, 1],
                    pads=[side // 2] * 4,
                )
            )
        return self.block(module.get("cv2", Module), self.concat(parts))

    def _upsample(self, module: Module, x: str) -> str:
        factor = module.get("scale_factor", float)
        return self.add(
            "Resize",
            x,
            "",
            self.constant(np.array([1, 1, factor, factor], np.float32)),
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def detect(self, module: Module, levels: list[str]) -> None:
        """The head: both outputs of the graph."""
        if module.get("dfl", Module).get("c1", int) != BINS:
            raise WeightsInvalid(f"the head has not the {BINS} bins per side of YOLOv8")
        for branch, rows, output in (
            ("cv2", 4 * BINS, "distances"),
            ("cv3", module.get("nc", int), "logits"),
        ):
            shape = self.constant(np.array([1, rows, -1], np.int64))
            heads = module.get(branch, Module).children()
            flat = [
                self.add("Reshape", self.block(head, x), shape)
                for head, x in zip(heads, levels, strict=True)
            ]
            self.concat(flat, axis=2, output=output)


def _folded(conv: Module, norm: Module | None) -> tuple[Array, Array]:
    weight = conv.get("weight", np.ndarray).astype(np.float64)
    if norm is None:
        bias = conv.get("bias", np.ndarray).astype(np.float64)
    else:
        mean, variance, gamma, beta = (
            norm.get(k, np.ndarray).astype(np.float64)
            for k in ("running_mean", "running_var", "weight", "bias")
        )
        gain = gamma / np.sqrt(variance + norm.get("eps", float))
        weight, bias = weight * gain[:, None, None, None], beta - mean * gain
    return weight.astype(np.float32), bias.astype(np.float32)


def write(checkpoint: dict[str, Any]) -> bytes:
    """Write the network of a checkpoint as an ONNX file.

    Args:
        checkpoint: what `torch_checkpoint.read` returned.

    Returns:
        The ONNX file's bytes; its metadata "names" is a JSON array of the class names.

    Raises:
        WeightsInvalid: the checkpoint holds no YOLOv8 detection network.
    """
    model = checkpoint.get("model")
    if not isinstance(model, Module) or model.kind != "DetectionModel":
        raise WeightsInvalid("the checkpoint holds no DetectionModel under 'model'")
    graph = _Graph()
    x = graph.add("Cast", "pixels", to=1)
    x = graph.add("Transpose", x, perm=[0, 3, 1, 2])
    x = graph.add("Div", x, graph.constant(np.array(255, np.float32)))
    made: list[str] = []
    layers = model.get("model", Module).children()
    for layer in layers:
        source = layer.state.get("f")
        inputs = [made[i] if made else x for i in _indices(source)]
        if layer.kind == "Detect":
            graph.detect(layer, inputs)
        elif layer.kind == "Concat":
            made.append(graph.concat(inputs))
        else:
            made.append(graph.block(layer, inputs[0]))
    if not layers or layers[-1].kind != "Detect":
        raise WeightsInvalid("the checkpoint's network does not end in a Detect head")
    return _serialized(graph, _names(model, layers[-1].get("nc", int)))


def _indices(source: object) -> list[int]:
    indices = source if isinstance(source, list) else [source]
    found = [i for i in indices if isinstance(i, int)]
    if len(found) != len(indices):
        raise WeightsInvalid("a layer of the checkpoint does not say where its input comes from")
    return found


def _names(model: Module, count: int) -> list[str]:
    names = model.get("names", dict)
    if sorted(names) != list(range(count)):
        raise WeightsInvalid(f"the checkpoint does not name its {count} classes")
    return [str(names[i]) for i in range(count)]


def _serialized(graph: _Graph, names: list[str]) -> bytes:
    from onnx import TensorProto, checker, helper

    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, "h", "w", 3])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, rows, "anchors"])
        for name, rows in (("distances", 4 * BINS), ("logits", len(names)))
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "yolov8", [pixels], outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="retusche",
    )
    helper.set_model_props(model, {"names": json.dumps(names)})
    checker.check_model(model)
    return bytes(model.SerializeToString())
