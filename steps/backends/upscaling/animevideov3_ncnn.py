"""Real-ESRGAN's animevideov3 on ncnn, where that is installed: the same result in less time.

ncnn's Winograd convolutions (3×3 by tiles of 6×6) take about a quarter less processor time than
onnxruntime's direct ones, overlap included; both runtimes agree within 1e-5 of the range 0..1, so
a few pixels in ten thousand differ by one level. ncnn reads its own files. See
docs/decisions/0004-cpu-upscaling-runtime.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps import weights
from steps.backends.upscaling.animevideov3 import AnimeVideoV3
from steps.environment import Environment
from steps.errors import WeightsInvalid


class AnimeVideoV3Ncnn(AnimeVideoV3):
    """The fast default where ncnn is installed."""

    descriptor = replace(
        AnimeVideoV3.descriptor,
        name="realesr-animevideov3-ncnn",
        summary="Real-ESRGAN animevideov3 on ncnn: as realesr-animevideov3, in less time",
        requires=("ncnn",),
        default=False,
        rank=110,
    )
    bytes_per_pixel = 3200
    largest_tile = 640

    @classmethod
    def load(cls, environment: Environment) -> "AnimeVideoV3Ncnn":
        """Open the network.

        Raises:
            WeightsMissing, WeightsInvalid: a file is absent or damaged.
        """
        binary, graph = (weights.path(name, environment) for name in cls.descriptor.weights)
        return cls(NcnnNetwork(graph, binary, environment))


class NcnnNetwork:
    """An opened network; runs as `steps.backends.runtime.Network` does."""

    def __init__(self, graph: Path, binary: Path, environment: Environment) -> None:
        """Open it with the environment's threads and full precision."""
        ncnn: Any = import_module("ncnn")  # has no type information and is optional
        self._mat = ncnn.Mat
        self._net = ncnn.Net()
        self._net.opt.num_threads = environment.threads
        self._net.opt.use_fp16_storage = False
        self._net.opt.use_fp16_arithmetic = False
        self._net.opt.use_bf16_storage = False
        if self._net.load_param(str(graph)) != 0 or self._net.load_model(str(binary)) != 0:
            raise WeightsInvalid(
                f"ncnn cannot open {graph.name} with {binary.name}", pointer=graph.name
            )

    def run(
        self, values: Mapping[str, NDArray[Any]], check_cancelled: Callable[[], None]
    ) -> NDArray[np.uint8]:
        """Upscale "in", uint8 (1, height, width, 3), fourfold.

        Raises:
            Cancelled: from `check_cancelled`, asked before the work only: a tile takes about a second.
            MemoryError: ncnn could not make the result.
        """
        check_cancelled()
        value = values["in"]
        planes = np.ascontiguousarray(value[0].transpose(2, 0, 1)).astype(np.float32)
        planes *= np.float32(1 / 255)
        extractor = self._net.create_extractor()
        extractor.input("data", self._mat(planes).clone())
        status, output = extractor.extract("output")
        if status != 0:
            raise MemoryError(
                f"ncnn gave status {status} for a tile of {value.shape[2]} × {value.shape[1]} px"
            )
        levels = np.array(output)
        np.clip(levels, 0, 1, out=levels)
        levels *= 255
        pixels: NDArray[np.uint8] = np.rint(levels, out=levels).astype(np.uint8)
        return pixels.transpose(1, 2, 0)[None]
