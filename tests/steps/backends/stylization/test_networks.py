"""The two networks as rewritten here, beside the files as they come."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from steps import weights
from steps.backends.contract import Stylizer
from steps.backends.runtime import Network
from steps.backends.stylization import graph
from steps.backends.stylization.arbitrary import ArbitraryStyle
from steps.backends.stylization.framing import framed
from steps.backends.stylization.multistyle26 import MultiStyle26
from steps.backends.stylization.styles import BY_NAME, NAMES
from steps.environment import Environment
from steps.errors import Cancelled, WeightsInvalid
from steps.imaging.decode import decode
from steps.imaging.document import Pixels

pytestmark = pytest.mark.weights

HERE = Environment.from_env()


@cache
def photo(name: str) -> Pixels:
    path = weights.path(f"photo-{name}", HERE)
    return decode(path.read_bytes(), filename=path.name).pages[0].pixels


@cache
def named() -> MultiStyle26:
    return MultiStyle26.load(HERE)


@cache
def arbitrary() -> ArbitraryStyle:
    return ArbitraryStyle.load(HERE)


def _go_on() -> None:
    """Nobody cancels."""


def _as_it_comes(name: str) -> Network:
    return Network(weights.path(name, HERE).read_bytes(), HERE, name=name)


def test_fused_norms_give_what_the_file_gives() -> None:
    pixels = photo("china")[:200, :260]
    for name in ("blue-swirls", "red-lattice"):
        chosen = np.zeros(26, np.float32)
        chosen[BY_NAME[name].index] = 1.0
        image = np.ascontiguousarray(framed(pixels).transpose(2, 0, 1)[None])
        values = {"image": image, "style_weights": chosen}
        wanted = _as_it_comes("style-multistyle26").run(values, _go_on)[0].transpose(1, 2, 0)
        made = named().stylize(pixels, name, seed=0, check_cancelled=_go_on)
        assert np.abs(made / 255 - wanted).max() < 0.5 / 255 + 1e-3


def test_the_painter_of_style_pictures_gives_about_what_its_8_bit_file_gives() -> None:
    pixels, style = photo("china")[:384, :384], photo("coffee")
    reader = _as_it_comes("style-arbitrary-predict")
    painter = _as_it_comes("style-arbitrary-transform")
    side = min(style.shape[:2])
    square = style[:, (style.shape[1] - side) // 2 :][:side, :side]
    from PIL import Image

    small = Image.fromarray(square).resize((256, 256), Image.Resampling.LANCZOS)
    seen = reader.run(
        {reader.inputs[0]: np.asarray(small, np.float32)[None] / np.float32(255)}, _go_on
    )
    image, manner = painter.inputs
    wanted = painter.run({image: framed(pixels)[None], manner: seen}, _go_on)[0]
    made = arbitrary().stylize(pixels, style, seed=0, check_cancelled=_go_on)
    # 8-bit activations are off by about this much; unrelated results differ by 0.2.
    assert np.abs(made / 255 - wanted).mean() < 0.06


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (17, 64), (50, 33)])
@pytest.mark.parametrize("load", [named, arbitrary])
def test_any_size_is_painted(load: Callable[[], Stylizer], size: tuple[int, int]) -> None:
    pixels = photo("china")[: size[0], : size[1]]
    style: str | Pixels = "ochre-oil" if load is named else photo("coffee")[:40, :30]
    made = load().stylize(pixels, style, seed=0, check_cancelled=_go_on)
    assert made.shape == pixels.shape
    assert made.dtype == np.uint8


def test_every_named_style_paints_its_own_picture() -> None:
    pixels = photo("china")[::4, ::4]
    painted = {n: named().stylize(pixels, n, seed=0, check_cancelled=_go_on) for n in NAMES}
    for name, made in painted.items():
        for other, theirs in painted.items():
            apart = np.abs(made.astype(int) - theirs).mean()
            assert name == other or apart > 8, (name, other)


def test_style_pictures_make_a_difference() -> None:
    pixels = photo("china")[::4, ::4]
    made = [
        arbitrary().stylize(pixels, photo(name), seed=0, check_cancelled=_go_on)
        for name in ("coffee", "astronaut")
    ]
    assert np.abs(made[0].astype(int) - made[1]).mean() > 8


def test_a_network_stops_while_it_runs() -> None:
    asked = 0

    def cancelled() -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise Cancelled("stop")

    large = np.zeros((1400, 1400, 3), np.uint8)
    with pytest.raises(Cancelled):
        named().stylize(large, "ochre-oil", seed=0, check_cancelled=cancelled)


def test_a_file_that_is_no_model_is_named() -> None:
    with pytest.raises(WeightsInvalid, match=r"bad\.onnx is no ONNX model"):
        graph.read(b"\xff\xff nothing", "bad.onnx")
