"""Real-ESRGAN's x4plus on onnxruntime: the upscaler for photos, crisp and about thirty times slower.

In: RGB pixels. Out: any size up to fourfold. A trunk of 23 residual-in-residual dense blocks works
at the source's size, then a short tail enlarges what it found. The tail takes most of the memory
and a tenth of the time, and sees 2 px around a pixel only: it runs in small blocks, so the
trunk can have large windows, which it needs, since it depends on hundreds of px around each (64 are
enough for a small difference). Method: Wang et al., Real-ESRGAN (2021),
https://github.com/xinntao/Real-ESRGAN, BSD-3-Clause.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from steps import weights
from steps.backends.contract import Capability, Descriptor, Upscaler
from steps.backends.runtime import Network
from steps.backends.upscaling import ncnn_files, onnx_graph
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.errors import WeightsInvalid
from steps.imaging.document import Pixels

SCALE = 4
"""What the network itself does."""
TAIL_BLOCK = 96
"""Side in px of the source that the tail enlarges at a time; about 150 MB."""
TAIL_RADIUS = 2
"""Px of the trunk's result around a pixel that the tail depends on: 0.5 + 3 · 0.25, rounded up."""


class X4Plus(Upscaler):
    """The slow one for photos."""

    descriptor = Descriptor(
        name="realesrgan-x4plus",
        capability=Capability.UPSCALING,
        summary="Real-ESRGAN x4plus: crisp photos, invents texture, minutes per megapixel on a CPU",
        licence="BSD-3-Clause",
        source="https://github.com/xinntao/Real-ESRGAN",
        requires=("onnx", "onnxruntime"),
        weights=("realesrgan-x4plus", "realesrgan-x4plus-graph"),
        memory_mb=1500,
        default=True,
        rank=50,
    )
    largest_factor = 4.0
    overlap = 64
    bytes_per_pixel = 2300
    largest_tile = 640

    def __init__(self, trunk: Network, tail: Network) -> None:
        """Take the two opened halves of the graph; `load` gives them."""
        self._trunk = trunk
        self._tail = tail

    @classmethod
    def load(cls, environment: Environment) -> "X4Plus":
        """Read the weights and open their graph.

        Raises:
            WeightsMissing, WeightsInvalid: a file is absent or damaged.
        """
        binary, graph = (weights.path(name, environment) for name in cls.descriptor.weights)
        layers = ncnn_files.read(graph, binary)
        joint = _joint(layers)
        trunk = onnx_graph.write(layers, end=joint, pixels_out=False)
        tail = onnx_graph.write(layers, start=joint, pixels_in=False)
        name = binary.name
        return cls(Network(trunk, environment, name=name), Network(tail, environment, name=name))

    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Upscale the window fourfold and shrink the part to its size; see `Upscaler.upscale`."""
        found = self._trunk.run({"in": np.ascontiguousarray(pixels)[None]}, check_cancelled)
        height, width = pixels.shape[:2]
        large = np.empty((SCALE * height, SCALE * width, 3), np.uint8)
        for rows, columns in _blocks(height, width):
            block = _enlarge(self._tail, found, rows, columns, check_cancelled)
            large[
                SCALE * rows.start : SCALE * rows.stop, SCALE * columns.start : SCALE * columns.stop
            ] = block
        x0, y0, x1, y1 = (SCALE * side for side in box)
        return resize(large, (x0, y0, x1, y1), size)


def _joint(layers: tuple[ncnn_files.Layer, ...]) -> str:
    """The blob between trunk and tail: what is enlarged first."""
    for layer in layers:
        if layer.kind == "Interp":
            return layer.inputs[0]
    raise WeightsInvalid("the network of realesrgan-x4plus enlarges nothing")


def _blocks(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    for y in range(0, height, TAIL_BLOCK):
        for x in range(0, width, TAIL_BLOCK):
            yield slice(y, min(height, y + TAIL_BLOCK)), slice(x, min(width, x + TAIL_BLOCK))


def _enlarge(
    tail: Network,
    found: NDArray[np.float32],
    rows: slice,
    columns: slice,
    check_cancelled: Callable[[], None],
) -> Pixels:
    """Run the tail on a block with what it sees around it, as far as the window reaches."""
    top, left = min(TAIL_RADIUS, rows.start), min(TAIL_RADIUS, columns.start)
    seen = found[
        :,
        :,
        rows.start - top : rows.stop + TAIL_RADIUS,
        columns.start - left : columns.stop + TAIL_RADIUS,
    ]
    block = tail.run({"in": np.ascontiguousarray(seen)}, check_cancelled)[0]
    y, x = SCALE * top, SCALE * left
    height, width = SCALE * (rows.stop - rows.start), SCALE * (columns.stop - columns.start)
    kept: Pixels = block[y : y + height, x : x + width].astype(np.uint8, copy=False)
    return kept
