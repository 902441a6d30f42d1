"""Tiled work: the same result as untiled, progress, cancelling, and what happens without memory."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steps.contract import Context
from steps.environment import Environment
from steps.errors import Cancelled, OutOfMemory
from steps.imaging.document import Pixels
from steps.tiling import Box, Size, cropped, run_tiled
from steps.tiling.memory import is_out_of_memory

ENVIRONMENT = Environment(weights_dir=Path("unused"))
CONTEXT = Context(environment=ENVIRONMENT)


def picture(width: int, height: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def blur(window: Pixels) -> Pixels:
    """Mean of 3 × 3: what a tile does needs one pixel around it."""
    padded = np.pad(window.astype(np.uint16), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    rows, columns = window.shape[:2]
    total = sum(padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3))
    return (np.asarray(total) // 9).astype(np.uint8)


def fourfold(window: Pixels, box: Box, size: Size) -> Pixels:
    """Blur, then every pixel four times in both directions."""
    large = blur(window).repeat(4, axis=0).repeat(4, axis=1)
    x, y = round(4 * box[0]), round(4 * box[1])
    return large[y : y + size[1], x : x + size[0]]


@given(st.integers(2, 40), st.integers(2, 40), st.integers(3, 40), st.integers(2, 6))
def test_tiles_give_what_the_whole_picture_gives(
    width: int, height: int, tile: int, overlap: int
) -> None:
    source = picture(width, height)
    done = run_tiled(
        source, (width, height), cropped(blur), tile=tile, overlap=overlap, context=CONTEXT
    )
    assert (done.pixels == blur(source)).all()
    assert (done.seam.largest, done.seam.mean) == (0, 0.0)


@given(st.integers(2, 30), st.integers(2, 30), st.integers(3, 30))
def test_larger_results_too(width: int, height: int, tile: int) -> None:
    source = picture(width, height)
    target = (4 * width, 4 * height)
    done = run_tiled(source, target, fourfold, tile=tile, overlap=2, context=CONTEXT)
    assert (done.pixels == blur(source).repeat(4, axis=0).repeat(4, axis=1)).all()
    assert done.seam.largest == 0


def test_a_seam_is_found_and_measured() -> None:
    def each_its_own(window: Pixels) -> Pixels:
        return np.full_like(window, window[0, 0, 0] // 2)

    ramp = np.arange(64, dtype=np.uint8)[None, :, None].repeat(64, 0).repeat(3, 2) * 4
    smooth = run_tiled(ramp, (64, 64), cropped(lambda w: w), tile=16, overlap=4, context=CONTEXT)
    stepped = run_tiled(ramp, (64, 64), cropped(each_its_own), tile=16, overlap=4, context=CONTEXT)
    assert smooth.seam.largest == 0
    assert smooth.seam.across == pytest.approx(smooth.seam.beside)
    assert stepped.seam.largest > 20
    assert stepped.seam.across > 10
    assert stepped.seam.beside == 0.0
    assert stepped.seam.mean > 1


def test_the_measure_grows_with_the_step_at_the_borders() -> None:
    noise = picture(64, 64) // 16

    def shifted(window: Pixels, box: Box, size: Size) -> Pixels:
        part = cropped(lambda w: w)(window, box, size)
        return part + np.uint8(40 if (window[0, 0].sum() % 2) else 0)

    done = run_tiled(noise, (64, 64), shifted, tile=16, overlap=4, context=CONTEXT)
    assert done.seam.across > 1.5 * done.seam.beside


def test_progress_never_goes_back_and_reaches_one_though_memory_runs_out() -> None:
    fractions: list[float] = []
    calls = 0

    def scarce(window: Pixels) -> Pixels:
        nonlocal calls
        calls += 1
        if window.shape[0] > 24 and calls > 2:
            raise MemoryError
        return window

    context = Context(environment=ENVIRONMENT, on_progress=lambda f, _: fractions.append(f))
    source = picture(64, 64)
    done = run_tiled(
        source, (64, 64), cropped(scarce), tile=32, overlap=4, context=context, floor=8
    )
    assert (done.halvings, done.tile, done.tiles) == (1, 16, 16)
    assert (done.pixels == source).all()
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_memory_that_does_not_suffice_for_the_smallest_tile_is_an_error() -> None:
    def never(window: Pixels) -> Pixels:
        raise MemoryError("no more")

    with pytest.raises(OutOfMemory, match="tiles of 8 px"):
        run_tiled(
            picture(64, 64), (64, 64), cropped(never), tile=32, overlap=2, context=CONTEXT, floor=8
        )


@pytest.mark.parametrize(
    ("package", "name", "words", "halved"),
    [
        ("torch.cuda", "OutOfMemoryError", "CUDA out of memory", True),
        (
            "onnxruntime.capi.onnxruntime_pybind11_state",
            "RuntimeException",
            "Failed to allocate memory",
            True,
        ),
        ("onnxruntime.capi.onnxruntime_pybind11_state", "RuntimeException", "bad shape", False),
    ],
)
def test_what_the_runtimes_say(package: str, name: str, words: str, halved: bool) -> None:
    kind = type(name, (RuntimeError,), {"__module__": package})

    def fails_when_large(window: Pixels) -> Pixels:
        if len(window) > 20:
            raise kind(words)
        return window

    def run() -> int:
        source = picture(32, 32)
        return run_tiled(
            source,
            (32, 32),
            cropped(fails_when_large),
            tile=32,
            overlap=2,
            context=CONTEXT,
            floor=8,
        ).halvings

    if halved:
        assert run() == 1
    else:
        with pytest.raises(kind, match=words):
            run()


def test_cancelling_stops_between_tiles() -> None:
    calls: list[int] = []

    def counted(window: Pixels) -> Pixels:
        calls.append(1)
        return window

    context = Context(environment=ENVIRONMENT, is_cancelled=lambda: len(calls) == 3)
    with pytest.raises(Cancelled):
        run_tiled(picture(64, 64), (64, 64), cropped(counted), tile=16, overlap=2, context=context)
    assert len(calls) == 3


def test_work_of_a_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="was wanted"):
        run_tiled(
            picture(8, 8), (8, 8), lambda w, _b, _s: w[:3], tile=8, overlap=2, context=CONTEXT
        )


def test_torchs_word_for_main_memory_that_ran_out_halves_too() -> None:
    said = (
        "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
    )
    assert is_out_of_memory(RuntimeError(said))
    assert not is_out_of_memory(RuntimeError("bad shape"))
