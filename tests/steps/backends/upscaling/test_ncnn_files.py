"""Networks in ncnn's format: read as they are, refused where they are damaged."""

import struct
from pathlib import Path

import numpy as np
import pytest

from steps.backends.upscaling.ncnn_files import read
from steps.errors import WeightsInvalid

GRAPH = """7767517
5 6
Input       data   0 1 data
Split       split  1 2 data a b
Convolution conv   1 1 a c 0=2 1=3 4=1 5=1 6=54 9=2 -23310=1,2.000000e-01
PReLU       prelu  1 1 c d 0=2
Concat      cat    2 1 d b output
"""
KERNEL = np.linspace(-1, 1, 54).astype(np.float16)
BIAS = np.array([0.5, -0.25], np.float32)
SLOPE = np.array([0.1, 0.3], np.float32)


def fp16_weights() -> bytes:
    return struct.pack("<I", 0x01306B47) + KERNEL.tobytes() + BIAS.tobytes() + SLOPE.tobytes()


def write(folder: Path, graph: str = GRAPH, weights: bytes | None = None) -> tuple[Path, Path]:
    text, binary = folder / "net.param", folder / "net.bin"
    text.write_text(graph)
    binary.write_bytes(fp16_weights() if weights is None else weights)
    return text, binary


def test_layers_parameters_and_half_precision_weights(tmp_path: Path) -> None:
    layers = read(*write(tmp_path))
    assert [layer.kind for layer in layers] == ["Input", "Split", "Convolution", "PReLU", "Concat"]
    convolution, prelu = layers[2], layers[3]
    assert (convolution.inputs, convolution.outputs) == (("a",), ("c",))
    assert convolution.numbers[6] == 54
    assert convolution.lists == {10: (0.2,)}
    assert convolution.weights[0].shape == (2, 3, 3, 3)
    assert (convolution.weights[0].ravel() == KERNEL.astype(np.float32)).all()
    assert (convolution.weights[1] == BIAS).all()
    assert (prelu.weights[0] == SLOPE).all()
    assert layers[4].inputs == ("d", "b")


def test_half_precision_is_padded_to_four_bytes(tmp_path: Path) -> None:
    graph = "7767517\n2 2\nInput data 0 1 data\nConvolution conv 1 1 data output 0=1 1=1 5=1 6=3\n"
    kernel = np.array([1, 2, 3], np.float16).tobytes() + b"\0\0"
    binary = struct.pack("<I", 0x01306B47) + kernel + np.array([7], np.float32).tobytes()
    weights = read(*write(tmp_path, graph, binary))[1].weights
    assert weights[0].ravel().tolist() == [1, 2, 3]
    assert weights[1].tolist() == [7]


def test_single_precision_weights(tmp_path: Path) -> None:
    kernel = KERNEL.astype(np.float32)
    binary = struct.pack("<I", 0) + kernel.tobytes() + BIAS.tobytes() + SLOPE.tobytes()
    assert (read(*write(tmp_path, GRAPH, binary))[2].weights[0].ravel() == kernel).all()


@pytest.mark.parametrize(
    ("graph", "weights", "said"),
    [
        ("PK\x03\x04", None, "instead of 7767517"),
        (GRAPH.replace("\n5 6", "\n6 6"), None, "5 layers instead of 6"),
        (GRAPH.replace("PReLU ", "Gelu "), None, "unknown kind Gelu"),
        (GRAPH.replace("0=2 1=3", "0=2 2=3"), None, "cannot|can be read"),
        (GRAPH, fp16_weights()[:-3], "3 bytes too early"),
        (GRAPH, fp16_weights() + b"\0", "1 bytes more"),
        (GRAPH, b"\x11\x22\x33\x44" + fp16_weights()[4:], "unknown type 0x44332211"),
        (GRAPH, b"", "bytes too early"),
    ],
)
def test_damaged_files_are_named(
    tmp_path: Path, graph: str, weights: bytes | None, said: str
) -> None:
    with pytest.raises(WeightsInvalid, match=said) as caught:
        read(*write(tmp_path, graph, weights))
    assert caught.value.pointer in ("net.param", "net.bin")
