"""The written graph computes what the layers say."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from steps.backends.upscaling.ncnn_files import Floats, Layer
from steps.backends.upscaling.onnx_graph import write
from steps.errors import WeightsInvalid

RNG = np.random.default_rng(4)
KERNEL = RNG.normal(0, 0.3, (12, 3, 3, 3)).astype(np.float32)
BIAS = RNG.normal(0, 0.1, 12).astype(np.float32)
SLOPE = np.linspace(-0.7, 1.3, 12).astype(np.float32)


def layer(
    kind: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    numbers: dict[int, float] | None = None,
    *,
    lists: dict[int, tuple[float, ...]] | None = None,
    weights: tuple[Floats, ...] = (),
) -> Layer:
    return Layer(kind, f"{kind}-{outputs[0]}", inputs, outputs, numbers or {}, lists or {}, weights)


LAYERS = (
    layer("Input", (), ("data",)),
    layer("Split", ("data",), ("a", "b")),
    layer("Convolution", ("a",), ("c",), {0: 12, 1: 3, 4: 1, 6: 324}, weights=(KERNEL, BIAS)),
    layer("PReLU", ("c",), ("d",), {0: 12}, weights=(SLOPE,)),
    layer("PixelShuffle", ("d",), ("e",), {0: 2}),
    layer("Interp", ("b",), ("f",), {0: 1, 1: 2.0, 2: 2.0}),
    layer("BinaryOp", ("e", "f"), ("output",)),
)


def run(model: bytes, value: NDArray[Any]) -> NDArray[Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    output: NDArray[Any] = session.run(["out"], {"in": value})[0]
    return output


def convolved(value: NDArray[Any], kernel: Floats, bias: Floats) -> NDArray[Any]:
    padded = np.pad(value[0].astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    made: NDArray[Any] = (
        np.einsum("oikl,ihwkl->ohw", kernel.astype(np.float64), windows) + bias[:, None, None]
    )
    return made


def expected(value: NDArray[Any]) -> NDArray[Any]:
    c = convolved(value, KERNEL, BIAS)
    d = np.where(c >= 0, c, c * SLOPE[:, None, None])
    height, width = value.shape[2:]
    e = d.reshape(3, 2, 2, height, width).transpose(0, 3, 1, 4, 2).reshape(3, 2 * height, 2 * width)
    made: NDArray[Any] = e + value[0].repeat(2, axis=1).repeat(2, axis=2)
    return made


def test_the_graph_computes_what_the_layers_say() -> None:
    value = RNG.random((1, 3, 7, 5), dtype=np.float32)
    made = run(write(LAYERS, pixels_in=False, pixels_out=False), value)
    assert np.abs(made[0] - expected(value)).max() < 1e-5


def test_pixels_in_and_out_are_rounded_and_clipped() -> None:
    pixels = RNG.integers(0, 256, (1, 6, 4, 3), dtype=np.uint8)
    made = run(write(LAYERS), pixels)
    value = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    levels = np.clip(expected(value), 0, 1) * 255
    assert made.dtype == np.uint8
    assert np.abs(made[0].transpose(2, 0, 1) - levels).max() <= 0.501
    assert {0, 255} <= set(np.unique(made))


def test_leaky_activation_weighted_sum_and_concat() -> None:
    layers = (
        layer("Input", (), ("data",)),
        layer(
            "Convolution",
            ("data",),
            ("c",),
            {4: 1, 9: 2},
            lists={10: (0.2,)},
            weights=(KERNEL[:3], BIAS[:3]),
        ),
        layer("Eltwise", ("c", "data"), ("s",), {0: 1}, lists={1: (0.2, 1.0)}),
        layer("Concat", ("s", "c"), ("output",)),
    )
    value = RNG.random((1, 3, 6, 6), dtype=np.float32)
    c = convolved(value, KERNEL[:3], BIAS[:3])
    c = np.where(c >= 0, c, 0.2 * c)
    made = run(write(layers, pixels_in=False, pixels_out=False), value)[0]
    assert np.abs(made - np.concatenate([0.2 * c + value[0], c])).max() < 1e-5


def test_two_pieces_give_the_whole() -> None:
    layers = (
        layer("Input", (), ("data",)),
        layer("Convolution", ("data",), ("joint",), {4: 1}, weights=(KERNEL, BIAS)),
        layer("PixelShuffle", ("joint",), ("output",), {0: 2}),
    )
    pixels = RNG.integers(0, 256, (1, 5, 5, 3), dtype=np.uint8)
    between = run(write(layers, end="joint", pixels_out=False), pixels)
    assert (
        run(write(layers, start="joint", pixels_in=False), between) == run(write(layers), pixels)
    ).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (layer("Interp", ("data",), ("output",), {0: 3, 1: 2.0, 2: 2.0}), "form of Interp"),
        (layer("BinaryOp", ("data", "data"), ("output",), {0: 2}), "form of BinaryOp"),
        (
            layer("Convolution", ("data",), ("output",), {3: 2}, weights=(KERNEL, BIAS)),
            "stride of 2",
        ),
        (
            layer("Convolution", ("data",), ("output",), {9: 1}, weights=(KERNEL, BIAS)),
            "activation 1",
        ),
        (layer("Split", ("elsewhere",), ("output",)), "does not follow"),
    ],
)
def test_what_is_not_known_is_refused(wrong: Layer, said: str) -> None:
    with pytest.raises(WeightsInvalid, match=said):
        write((layer("Input", (), ("data",)), wrong))
