"""What every inpainter promises, on small pictures."""

import numpy as np
import pytest

from steps.backends.contract import Capability, Inpainter
from steps.backends.registry import backend_classes
from steps.environment import Environment
from steps.errors import Cancelled
from steps.imaging.document import Mask, Pixels

INPAINTERS = [b for b in backend_classes(Capability.INPAINTING) if b.descriptor.default]


@pytest.fixture(params=INPAINTERS, ids=lambda kind: kind.descriptor.name)
def inpainter(request: pytest.FixtureRequest) -> Inpainter:
    loaded = request.param.load(Environment.from_env())
    assert isinstance(loaded, Inpainter)
    return loaded


def never() -> None:
    """Nobody cancels."""


def scene(height: int = 90, width: int = 120) -> tuple[Pixels, Mask]:
    """Return stripes with a hole."""
    y, x = np.mgrid[:height, :width]
    pixels = np.stack([(x * 9) % 256, (y * 5) % 256, (x + y) % 256], axis=2).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[height // 3 : height // 2, width // 3 : width // 2] = 255
    return pixels, mask


def test_pixels_outside_the_mask_are_the_sources_own(inpainter: Inpainter) -> None:
    pixels, mask = scene()
    before = pixels.copy()
    result = inpainter.inpaint(pixels, mask, seed=1, check_cancelled=never)
    assert result.shape == pixels.shape
    assert result.dtype == np.uint8
    assert (result[mask == 0] == pixels[mask == 0]).all()
    assert (pixels == before).all()


def test_the_same_seed_gives_the_same_bytes(inpainter: Inpainter) -> None:
    pixels, mask = scene()
    first = inpainter.inpaint(pixels, mask, seed=7, check_cancelled=never)
    inpainter.inpaint(pixels, mask, seed=8, check_cancelled=never)
    assert (inpainter.inpaint(pixels, mask, seed=7, check_cancelled=never) == first).all()


def test_what_is_forbidden_is_not_copied(inpainter: Inpainter) -> None:
    pixels, mask = scene()
    forbidden = np.zeros_like(mask)
    forbidden[:, 70:] = 255
    pixels[:, 70:] = (255, 0, 0)
    result = inpainter.inpaint(
        pixels, mask, seed=1, check_cancelled=never, forbidden=np.where(mask > 0, 0, forbidden)
    )
    inside = result[mask > 0].astype(int)
    assert not ((inside[:, 0] > 250) & (inside[:, 1] < 5) & (inside[:, 2] < 5)).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 3), (40, 2), (16, 17)])
def test_pictures_of_any_size_with_any_mask_are_filled(
    inpainter: Inpainter, size: tuple[int, int]
) -> None:
    pixels, _ = scene(*size)
    for mask in (
        np.zeros(size, np.uint8),
        np.full(size, 255, np.uint8),
        np.pad(np.full((size[0], 1), 255, np.uint8), ((0, 0), (0, size[1] - 1))),
    ):
        result = inpainter.inpaint(pixels, mask, seed=1, check_cancelled=never)
        assert result.shape == pixels.shape
        assert (result[mask == 0] == pixels[mask == 0]).all()


def test_a_cancelled_fill_stops(inpainter: Inpainter) -> None:
    def stop() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        inpainter.inpaint(*scene(), seed=1, check_cancelled=stop)
