"""Real-ESRGAN's animevideov3 on onnxruntime: the fast upscaler, smooth, made for drawings.

In: RGB pixels. Out: any size up to fourfold. Eighteen plain convolutions (SRVGGNetCompact), so a
pixel of the result depends on 18 px around it and on nothing else: tiles are exact. The files for
×2 and ×3 hold the same weights and append a bicubic shrink; here the ×4 result is shrunk by Lanczos,
to any size. Method: Wang et al., Real-ESRGAN (2021), https://github.com/xinntao/Real-ESRGAN,
BSD-3-Clause.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from steps import weights
from steps.backends.contract import Capability, Descriptor, Upscaler
from steps.backends.runtime import Network
from steps.backends.upscaling import ncnn_files, onnx_graph
from steps.backends.upscaling.resizing import resize
from steps.environment import Environment
from steps.imaging.document import Pixels

SCALE = 4
"""What the network itself does."""
RADIUS = 18
"""Px around a pixel that it depends on."""
SHRINK_RADIUS = 4
"""Px of the source that Lanczos' kernel reaches at most when the ×4 result is shrunk: 3 at factor 1."""


class Runs(Protocol):
    """What runs the network: takes pixels, gives them fourfold."""

    def run(
        self, values: Mapping[str, NDArray[Any]], check_cancelled: Callable[[], None]
    ) -> NDArray[Any]:
        """Upscale "in", uint8 (1, height, width, 3), to (1, 4 · height, 4 · width, 3)."""


class AnimeVideoV3(Upscaler):
    """The fast default."""

    descriptor = Descriptor(
        name="realesr-animevideov3",
        capability=Capability.UPSCALING,
        summary="Real-ESRGAN animevideov3: fast, clean edges, smooths fine texture",
        licence="BSD-3-Clause",
        source="https://github.com/xinntao/Real-ESRGAN",
        requires=("onnx", "onnxruntime"),
        weights=("realesr-animevideov3", "realesr-animevideov3-x4-graph"),
        memory_mb=1000,
        default=True,
        rank=100,
    )
    largest_factor = 4.0
    overlap = RADIUS + SHRINK_RADIUS
    bytes_per_pixel = 2300
    largest_tile = 640

    def __init__(self, network: Runs) -> None:
        """Take the opened network; `load` gives one."""
        self._network = network

    @classmethod
    def load(cls, environment: Environment) -> "AnimeVideoV3":
        """Read the weights and open their graph.

        Raises:
            WeightsMissing, WeightsInvalid: a file is absent or damaged.
        """
        binary, graph = (weights.path(name, environment) for name in cls.descriptor.weights)
        model = onnx_graph.write(ncnn_files.read(graph, binary))
        return cls(Network(model, environment, name=binary.name))

    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Upscale the window fourfold and shrink the part to its size; see `Upscaler.upscale`."""
        large = self._network.run({"in": np.ascontiguousarray(pixels)[None]}, check_cancelled)[0]
        x0, y0, x1, y1 = (SCALE * side for side in box)
        return resize(large.astype(np.uint8, copy=False), (x0, y0, x1, y1), size)
