"""The ways of upscaling that are compared: ours, and what one writes without this package.

Each takes RGB uint8 pixels and a factor of at most 4 and gives the picture at that size. The peers use the
same weights and the same overlap, so that their results are equal to ours.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from steps import weights
from steps.backends.upscaling import ncnn_files, onnx_graph
from steps.backends.upscaling.animevideov3 import RADIUS
from steps.contract import Context, Item, Part
from steps.environment import Environment
from steps.imaging.document import Document, Page, Pixels
from steps.run import run
from steps.upscale import Upscale

PEER_TILE = 256
"""Side of the plain loop's tiles in px, without the overlap: the size at which ncnn is fastest here."""
X4PLUS_OVERLAP = 64
ENVIRONMENT = Environment.from_env()

Method = Callable[[Pixels, float], Pixels]


def ours(backend: str, **parameters: object) -> Method:
    """The step itself with one of its backends."""

    def upscale(pixels: Pixels, factor: float) -> Pixels:
        document = Document(pages=(Page(pixels=pixels),), mime_type="image/png")
        item = Item(parts=(Part(content=document),))
        context = Context(environment=ENVIRONMENT, output=None)
        result = run(Upscale(), item, {"backend": backend, "factor": factor, **parameters}, context)
        made = result.parts[0].content
        if not isinstance(made, Document):
            raise TypeError("a chain's step gives a decoded document")
        return made.pages[0].pixels

    return upscale


def lanczos(pixels: Pixels, factor: float) -> Pixels:
    """Pillow's Lanczos resampling."""
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def ncnn_loop(weights_name: str, overlap: int) -> Method:
    """A plain loop of ncnn over tiles: fourfold, put together, shrunk to the size."""

    def upscale(pixels: Pixels, factor: float) -> Pixels:
        import ncnn  # type: ignore[import-untyped,import-not-found,unused-ignore]

        graph, binary = _files(weights_name)
        net = ncnn.Net()
        net.opt.num_threads = ENVIRONMENT.threads
        net.load_param(str(graph))
        net.load_model(str(binary))

        def run_tile(value: NDArray[np.float32]) -> NDArray[np.float32]:
            extractor = net.create_extractor()
            extractor.input("data", ncnn.Mat(value).clone())
            return np.array(extractor.extract("output")[1])

        height, width = pixels.shape[:2]
        padded = np.pad(pixels, ((overlap, overlap), (overlap, overlap), (0, 0)), mode="reflect")
        large = np.empty((4 * height, 4 * width, 3), np.uint8)
        for y in range(0, height, PEER_TILE):
            for x in range(0, width, PEER_TILE):
                h, w = min(PEER_TILE, height - y), min(PEER_TILE, width - x)
                window = padded[y : y + h + 2 * overlap, x : x + w + 2 * overlap]
                tile = _levels(run_tile(_planes(window)))
                inner = slice(4 * overlap, -4 * overlap)
                large[4 * y : 4 * (y + h), 4 * x : 4 * (x + w)] = tile[inner, inner]
        return lanczos(large, factor / 4)

    return upscale


def onnxruntime_whole(weights_name: str) -> Method:
    """Onnxruntime on the whole picture at once, with the graph as the network's files describe it."""

    def upscale(pixels: Pixels, factor: float) -> Pixels:
        import onnxruntime

        graph, binary = _files(weights_name)
        model = onnx_graph.write(ncnn_files.read(graph, binary), pixels_in=False, pixels_out=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = ENVIRONMENT.threads
        session = onnxruntime.InferenceSession(model, options)
        padded = np.pad(pixels, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="reflect")
        large = _levels(session.run(["out"], {"in": _planes(padded)[None]})[0][0])
        return lanczos(large[4 * RADIUS : -4 * RADIUS, 4 * RADIUS : -4 * RADIUS], factor / 4)

    return upscale


METHODS: dict[str, Method] = {
    "fast, onnxruntime": ours("realesr-animevideov3"),
    "fast, ncnn": ours("realesr-animevideov3-ncnn"),
    "ncnn's plain loop": ncnn_loop("realesr-animevideov3", RADIUS),
    "onnxruntime, whole picture": onnxruntime_whole("realesr-animevideov3"),
    "fast, half Lanczos": ours("realesr-animevideov3", detail=0.5),
    "best": ours("realesrgan-x4plus"),
    "ncnn's plain loop, x4plus": ncnn_loop("realesrgan-x4plus", X4PLUS_OVERLAP),
    "Lanczos, by the step": ours("lanczos"),
    "Lanczos": lanczos,
}
"""By the name that the tables show."""


def _files(weights_name: str) -> tuple[Path, Path]:
    graph = {"realesr-animevideov3": "realesr-animevideov3-x4-graph"}.get(
        weights_name, f"{weights_name}-graph"
    )
    return weights.path(graph, ENVIRONMENT), weights.path(weights_name, ENVIRONMENT)


def _planes(pixels: Pixels) -> NDArray[np.float32]:
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)).astype(np.float32) / np.float32(255)


def _levels(planes: NDArray[Any]) -> Pixels:
    levels: NDArray[np.uint8] = np.rint(np.clip(planes, 0, 1) * 255).astype(np.uint8)
    return levels.transpose(1, 2, 0)
