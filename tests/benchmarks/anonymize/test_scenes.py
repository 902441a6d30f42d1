"""The benchmark's truth must be true: people where the scene says, nothing changed elsewhere."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks.anonymize.people import CutOut, at_height, cut_outs
from benchmarks.anonymize.photos import Clean, clean, from_folder
from benchmarks.anonymize.scenes import NoRoom, compose, heights, noise_of, scene


def a_body(*, whole: bool = True, tall: int = 80, wide: int = 30) -> CutOut:
    opacity = np.zeros((tall, wide), np.uint8)
    opacity[:, 5:-5] = 255
    opacity[tall // 2] = 255
    pixels = np.full((tall, wide, 3), (200, 40, 40), np.uint8)
    return CutOut("body", pixels, opacity, whole)


def a_ground(width: int = 320, height: int = 240) -> Clean:
    return Clean(np.full((height, width, 3), (90, 140, 90), np.uint8), 0.5)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    wanted=st.lists(st.integers(8, 60), min_size=1, max_size=5),
)
def test_people_have_their_height_stand_apart_and_change_nothing_else(
    seed: int, wanted: list[int]
) -> None:
    ground = a_ground()
    rng = np.random.default_rng(seed)
    made = compose(rng, ground, wanted, [a_body(), a_body(whole=False)])
    assert sorted(p.box.height for p in made.people) == sorted(wanted)
    assert np.array_equal(made.truth, ground.pixels)
    changed = (made.pixels != made.truth).any(axis=2)
    assert not changed[made.opacity == 0].any()
    for index, person in enumerate(made.people):
        assert person.box.x0 >= 0
        assert person.box.x1 <= 320
        assert 120 <= person.box.y1 <= 240
        assert person.whole or person.box.y1 == 240
        inside = changed[
            int(person.box.y0) : int(person.box.y1), int(person.box.x0) : int(person.box.x1)
        ]
        assert inside.any(axis=1).all()
        assert inside.any(axis=0).all()
        assert not any(person.box.intersection(o.box) for o in made.people[index + 1 :])


def test_the_same_seed_gives_the_same_scene_and_another_seed_another() -> None:
    def made(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        return compose(rng, a_ground(), [30, 20], [a_body()]).pixels.tobytes()

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_people_that_do_not_fit_are_refused() -> None:
    with pytest.raises(NoRoom, match="does not fit into 320×240"):
        compose(np.random.default_rng(0), a_ground(), [300], [a_body()])
    with pytest.raises(NoRoom, match="no free place"):
        compose(np.random.default_rng(0), a_ground(), [100] * 40, [a_body()])


def test_mirroring_and_brightness_keep_the_shape() -> None:
    body = a_body()
    body.opacity[:, :10] = 0
    turned = at_height(body, 80, mirrored=True, gain=0.5)
    assert np.array_equal(turned.opacity, body.opacity[:, ::-1])
    assert turned.pixels[0, 0].tolist() == [100, 20, 20]


def test_scenes_share_the_heights_out_between_them() -> None:
    together = sorted(h for index in range(4) for h in heights(5, index, 4))
    ratios = [b / a for a, b in pairwise(together)]
    assert 24 <= together[0] < together[-1] <= 600
    assert ratios == pytest.approx([25 ** (1 / 20)] * 19, rel=0.04)


@pytest.mark.parametrize("sigma", [0.0, 2.0, 5.0])
def test_noise_is_estimated(sigma: float) -> None:
    rng = np.random.default_rng(3)
    slope = np.linspace(20, 220, 400)[None, :, None]
    noisy = np.clip(slope + rng.normal(0, sigma, (300, 400, 3)), 0, 255).astype(np.uint8)
    assert noise_of(noisy) == pytest.approx(sigma, abs=0.5)


def test_photos_of_a_folder_are_scaled_down_and_never_up(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300), "green").save(tmp_path / "one.png")
    rng = np.random.default_rng(0)
    assert from_folder(rng, tmp_path, 0.03).pixels.shape == (150, 200, 3)
    assert from_folder(rng, tmp_path, 12).pixels.shape == (300, 400, 3)


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match="holds no picture"):
        from_folder(np.random.default_rng(0), tmp_path)


@pytest.mark.weights
def test_cut_outs_fill_their_mattes() -> None:
    for person in cut_outs():
        assert person.pixels.shape[:2] == person.opacity.shape
        solid = person.opacity >= 128
        assert solid.any(axis=1).all()
        assert solid[:, 0].any()
        assert solid[:, -1].any()
        assert 0.25 < solid.mean() < 0.9


@pytest.mark.weights
@pytest.mark.parametrize("kind", ["enlarged", "quilt"])
def test_clean_pictures_have_the_size_asked_for(kind: str) -> None:
    made = clean(np.random.default_rng(0), 0.75, kind)  # type: ignore[arg-type]
    assert made.pixels.shape == (750, 1000, 3)
    assert made.pixels.std() > 20


@pytest.mark.weights
def test_a_scene_of_real_photos_is_repeatable() -> None:
    first, second = (scene(5, 0.5, (24, 60), kind="quilt") for _ in range(2))
    assert first.people == second.people
    assert np.array_equal(first.pixels, second.pixels)
