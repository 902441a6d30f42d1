"""The default fill is made of the picture's own pixels and continues what surrounds the hole."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from steps.backends.inpainting.patchmatch import PatchMatch
from steps.errors import Cancelled
from steps.imaging.document import Pixels


def never() -> None:
    """Nobody cancels."""


def chessboard(size: int = 160, cell: int = 8) -> Pixels:
    y, x = np.mgrid[:size, :size] // cell
    return np.where(((x + y) % 2)[..., np.newaxis] > 0, 200, 40).repeat(3, axis=2).astype(np.uint8)


def layered(height: int = 120, width: int = 200, tilt: float = 0.0) -> Pixels:
    """Return a sky, a wall and a floor with grain, their borders tilted by `tilt` px per px."""
    y, x = np.mgrid[:height, :width].astype(float)
    row = y - tilt * (x - width / 2)
    colours = np.array([[150, 190, 230], [180, 120, 90], [70, 70, 75]])
    layer = (row > height * 0.35).astype(int) + (row > height * 0.65)
    grain = np.random.default_rng(5).normal(0, 6, (height, width, 1))
    return np.asarray(np.clip(colours[layer] + grain, 0, 255), np.uint8)


def test_a_pattern_is_continued_through_the_hole() -> None:
    truth = chessboard()
    mask = np.zeros(truth.shape[:2], np.uint8)
    mask[60:100, 64:96] = 255
    holed = truth.copy()
    holed[mask > 0] = 255
    result = PatchMatch(1).inpaint(holed, mask, seed=1, check_cancelled=never)
    wrong = np.abs(result[mask > 0].astype(int) - truth[mask > 0]).mean()
    assert wrong < 12


@pytest.mark.parametrize("tilt", [0.0, 0.15, -0.2])
def test_layers_run_on_behind_what_is_removed(tilt: float) -> None:
    truth = layered(tilt=tilt)
    mask = np.zeros(truth.shape[:2], np.uint8)
    mask[15:110, 80:125] = 255
    holed = truth.copy()
    holed[mask > 0] = (255, 0, 255)
    result = PatchMatch(1).inpaint(holed, mask, seed=1, check_cancelled=never)
    wrong = np.abs(result[mask > 0].astype(int) - truth[mask > 0]).max(axis=1) > 40
    assert wrong.mean() < 0.06


def test_a_slow_change_of_brightness_shows_no_outline() -> None:
    y, x = np.mgrid[:150, :220]
    truth = np.stack([60 + x * 0.6, 90 + y * 0.5, 120 + x * 0.2 + y * 0.2], axis=2).astype(np.uint8)
    mask = np.zeros((150, 220), np.uint8)
    mask[30:120, 80:140] = 255
    holed = truth.copy()
    holed[mask > 0] = 0
    result = PatchMatch(1).inpaint(holed, mask, seed=1, check_cancelled=never).astype(int)
    assert np.abs(result[30, 85:135] - result[29, 85:135]).max() <= 6
    assert np.abs(result[35:115, 80] - result[35:115, 79]).max() <= 6


def test_grain_is_kept_at_full_size() -> None:
    """A fill that is found at a small size and enlarged would be soft."""
    noise = np.random.default_rng(0).integers(90, 160, (700, 900, 3), dtype=np.uint8)
    mask = np.zeros((700, 900), np.uint8)
    mask[200:500, 300:600] = 255
    result = PatchMatch(1).inpaint(noise, mask, seed=1, check_cancelled=never)
    assert result[220:480, 320:580].std() > 0.75 * noise.std()


def test_threads_and_neighbours_change_no_byte() -> None:
    """The library has one seed for the whole process; other fills meanwhile must not be felt."""
    pixels = layered(70, 100)
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[10:60, 25:85] = 255
    alone = [PatchMatch(1).inpaint(pixels, mask, seed=s, check_cancelled=never) for s in (1, 2)]

    def fill(seed: int) -> Pixels:
        return PatchMatch(2).inpaint(pixels, mask, seed=seed, check_cancelled=never)

    with ThreadPoolExecutor(3) as pool:
        beside = list(pool.map(fill, [1, 2, 2, 1]))
    for result, seed in zip(beside, [1, 2, 2, 1], strict=True):
        assert (result == alone[seed - 1]).all()
    assert (alone[0] != alone[1]).any()


def test_it_asks_often_whether_to_stop() -> None:
    pixels = layered(120, 200)
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[30:100, 75:125] = 255
    asked = []
    PatchMatch(1).inpaint(pixels, mask, seed=1, check_cancelled=lambda: asked.append(1))
    assert len(asked) >= 7
    for last in (2, len(asked)):
        left = [last]

        def stop(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] <= 0:
                raise Cancelled("stop")

        with pytest.raises(Cancelled):
            PatchMatch(1).inpaint(pixels, mask, seed=1, check_cancelled=stop)
