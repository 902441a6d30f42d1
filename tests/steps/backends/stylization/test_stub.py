import numpy as np
import pytest

from steps.backends.contract import Capability, Stylizer
from steps.backends.registry import backend_classes, choose
from steps.backends.stylization.stub import StubStylizer
from steps.backends.stylization.styles import BY_NAME, NAMES, STYLES
from steps.environment import Environment
from steps.errors import Cancelled


def _painted(style: str) -> bytes:
    pixels = np.arange(9 * 7 * 3, dtype=np.uint8).reshape(9, 7, 3)
    stub = StubStylizer.load(Environment.from_env())
    made = stub.stylize(pixels, style, seed=0, check_cancelled=lambda: None)
    assert made.shape == pixels.shape
    assert made.dtype == np.uint8
    return made.tobytes()


def test_styles_have_unique_names_and_one_row_each() -> None:
    assert len(BY_NAME) == 26
    assert sorted(style.index for style in STYLES) == list(range(26))
    assert all(name.replace("-", "").isalpha() and name.islower() for name in NAMES)


def test_the_stub_tells_styles_apart_and_repeats_itself() -> None:
    painted = {name: _painted(name) for name in NAMES}
    assert len(set(painted.values())) == len(NAMES)
    assert painted == {name: _painted(name) for name in NAMES}


def test_the_stub_takes_the_tint_of_a_style_picture() -> None:
    stub = StubStylizer.load(Environment.from_env())
    black = np.zeros((4, 4, 3), np.uint8)
    red = np.full((2, 3, 3), (240, 0, 0), np.uint8)
    made = stub.stylize(black, red, seed=0, check_cancelled=lambda: None)
    assert made[0, 0].tolist() == [40, 0, 0]


def test_the_stub_stops_when_cancelled() -> None:
    def cancelled() -> None:
        raise Cancelled("stop")

    stub = StubStylizer.load(Environment.from_env())
    with pytest.raises(Cancelled):
        stub.stylize(np.zeros((1, 1, 3), np.uint8), NAMES[0], seed=0, check_cancelled=cancelled)


def test_every_stylizer_says_what_it_takes() -> None:
    found = backend_classes(Capability.STYLIZATION)
    names = [b.descriptor.name for b in found]
    assert names == ["multistyle26", "arbitrary-style", "diffusers-style", "stub"]
    for backend in found:
        assert issubclass(backend, Stylizer)
        assert backend.styles or backend.takes_pictures


def test_the_stub_is_taken_by_name_only() -> None:
    environment = Environment.from_env()
    assert choose(Capability.STYLIZATION, "stub", environment).kind is StubStylizer
