"""Real-ESRGAN on onnxruntime: exact in tiles, stopped at once, and in agreement with ncnn."""

import hashlib

import numpy as np
import pytest

from steps import residency, weights
from steps.backends.contract import Upscaler
from steps.backends.upscaling import ncnn_files, onnx_graph
from steps.backends.upscaling.animevideov3 import RADIUS, AnimeVideoV3
from steps.backends.upscaling.animevideov3_ncnn import AnimeVideoV3Ncnn
from steps.backends.upscaling.x4plus import TAIL_BLOCK, X4Plus
from steps.contract import Context
from steps.environment import Environment
from steps.errors import Cancelled
from steps.imaging.decode import decode
from steps.imaging.document import Pixels
from steps.tiling import Rect, Tiled, cut, run_tiled

pytestmark = pytest.mark.weights

ENVIRONMENT = Environment.from_env()
CONTEXT = Context(environment=ENVIRONMENT)


@pytest.fixture(scope="module")
def photo() -> Pixels:
    """A part of a photo with a face, cloth and straight lines."""
    document = decode(weights.path("photo-astronaut", ENVIRONMENT).read_bytes())
    return document.pages[0].pixels[40:141, 150:285]


def tiled(backend: Upscaler, pixels: Pixels, size: tuple[int, int], tile: int) -> Tiled:
    return run_tiled(
        pixels,
        size,
        lambda window, box, part: backend.upscale(
            window, box=box, size=part, check_cancelled=CONTEXT.check_cancelled
        ),
        tile=tile,
        overlap=backend.overlap,
        context=CONTEXT,
    )


@pytest.mark.parametrize("factor", [4.0, 2.0, 1.37])
def test_animevideov3_gives_the_same_bytes_whatever_the_tile(photo: Pixels, factor: float) -> None:
    backend = residency.get(AnimeVideoV3, ENVIRONMENT)
    size = (round(photo.shape[1] * factor), round(photo.shape[0] * factor))
    whole = tiled(backend, photo, size, 1000)
    for tile in (32, 51):
        parts = tiled(backend, photo, size, tile)
        assert parts.tiles > 4
        difference = np.abs(parts.pixels.astype(int) - whole.pixels)
        # At ×4 nothing is resized; else the kernel's places are rounded anew in each tile.
        assert difference.max() <= (0 if factor == 4.0 else 1)
        assert parts.seam.largest <= (0 if factor == 4.0 else 1)


def test_animevideov3_depends_on_no_more_than_its_radius(photo: Pixels) -> None:
    backend = residency.get(AnimeVideoV3, ENVIRONMENT)
    changed = photo.copy()
    changed[:, 60 + RADIUS :] = 255 - changed[:, 60 + RADIUS :]

    def upscaled(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        return backend.upscale(
            pixels,
            box=(0, 0, width, height),
            size=(4 * width, 4 * height),
            check_cancelled=CONTEXT.check_cancelled,
        )

    before, after = upscaled(photo), upscaled(changed)
    assert (before[:, : 4 * 60] == after[:, : 4 * 60]).all()
    assert (before[:, 4 * 60 : 4 * 64] != after[:, 4 * 60 : 4 * 64]).any()


def test_the_tail_of_x4plus_in_blocks_is_the_tail_in_one(photo: Pixels) -> None:
    """Blocks must not show: wider than one block, and compared with the graph in one piece."""
    backend = residency.get(X4Plus, ENVIRONMENT)
    pixels = cut(photo, Rect(0, 0, TAIL_BLOCK + 12, 16))
    made = backend.upscale(
        pixels,
        box=(0, 0, TAIL_BLOCK + 12, 16),
        size=(4 * (TAIL_BLOCK + 12), 64),
        check_cancelled=CONTEXT.check_cancelled,
    )
    binary, graph = (weights.path(n, ENVIRONMENT) for n in X4Plus.descriptor.weights)
    import onnxruntime

    session = onnxruntime.InferenceSession(onnx_graph.write(ncnn_files.read(graph, binary)))
    whole = session.run(["out"], {"in": np.ascontiguousarray(pixels)[None]})[0][0]
    assert np.abs(made.astype(int) - whole).max() <= 1


def test_a_running_graph_stops_when_the_caller_cancels(photo: Pixels) -> None:
    backend = residency.get(X4Plus, ENVIRONMENT)
    asked = 0

    def cancel_at_the_second_question() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        backend.upscale(
            photo, box=(0, 0, 10, 10), size=(40, 40), check_cancelled=cancel_at_the_second_question
        )


def test_the_same_picture_gives_the_same_bytes(photo: Pixels) -> None:
    backend = residency.get(AnimeVideoV3, ENVIRONMENT)
    first, second = (tiled(backend, photo, (270, 202), 64).pixels for _ in range(2))
    assert hashlib.sha256(first.tobytes()).digest() == hashlib.sha256(second.tobytes()).digest()


def test_onnxruntime_agrees_with_ncnn_itself(photo: Pixels) -> None:
    """Where ncnn is installed: the same network, read and run by ncnn."""
    ncnn = pytest.importorskip("ncnn")
    net = ncnn.Net()
    binary, graph = (weights.path(n, ENVIRONMENT) for n in AnimeVideoV3.descriptor.weights)
    net.load_param(str(graph))
    net.load_model(str(binary))
    value = np.ascontiguousarray(photo[:64, :64].transpose(2, 0, 1)).astype(np.float32) / 255
    extractor = net.create_extractor()
    extractor.input("data", ncnn.Mat(value).clone())
    theirs = np.array(extractor.extract("output")[1])
    import onnxruntime

    layers = ncnn_files.read(graph, binary)
    session = onnxruntime.InferenceSession(
        onnx_graph.write(layers, pixels_in=False, pixels_out=False)
    )
    ours = session.run(["out"], {"in": value[None]})[0][0]
    assert np.abs(ours - theirs).max() < 1e-5


def test_the_backend_on_ncnn_differs_by_one_level_at_most(photo: Pixels) -> None:
    pytest.importorskip("ncnn")
    size = (4 * photo.shape[1], 4 * photo.shape[0])
    ours, theirs = (
        tiled(residency.get(kind, ENVIRONMENT), photo, size, 64)
        for kind in (AnimeVideoV3, AnimeVideoV3Ncnn)
    )
    difference = np.abs(ours.pixels.astype(int) - theirs.pixels)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001
    assert theirs.seam.largest <= 1
