"""Pictures with people at known places, and the same pictures without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.anonymize.people import CutOut, at_height, cut_outs
from benchmarks.anonymize.photos import Clean, Kind, clean, from_folder, grained
from steps.backends.contract import Box
from steps.imaging.document import Mask, Pixels

SMALLEST, LARGEST = 24, 600
"""Heights of people in px."""
_TRIES = 300


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a scene."""

    name: str
    box: Box
    """Round everything that is at least half opaque; whole px."""
    whole: bool
    """From head to shoes; otherwise cut by the picture's lower edge."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with people."""

    pixels: Pixels
    """RGB uint8 (height, width, 3)."""
    truth: Pixels
    """The same without people."""
    people: tuple[Person, ...]
    opacity: Mask
    """Uint8 (height, width), 255 = nothing but a person is seen there, 0 = untouched."""


class NoRoom(ValueError):
    """The people do not fit into the picture without touching each other."""


def heights(count: int, index: int = 0, of: int = 1) -> tuple[int, ...]:
    """Return `count` heights in px from `SMALLEST` to `LARGEST`, evenly spaced by their ratio.

    Args:
        count: of people.
        index: of the scene; each of the `of` scenes gets heights between those of the others.
        of: number of scenes.
    """
    shares = (np.arange(count) + (index + 0.5) / of) / count
    return tuple(round(SMALLEST * (LARGEST / SMALLEST) ** float(share)) for share in shares)


def scene(
    seed: int,
    megapixels: float,
    heights: Sequence[int],
    *,
    kind: Kind = "enlarged",
    folder: Path | None = None,
) -> Scene:
    """Make a scene; the same arguments give the same bytes.

    Args:
        seed: of everything random.
        megapixels: size of the picture, 4:3.
        heights: one person for each, in px.
        kind: how the clean picture is made (`photos`).
        folder: take the clean picture from this folder instead.

    Raises:
        NoRoom: the people do not fit.
        WeightsMissing: a photo is not in the weights cache.
    """
    rng = np.random.default_rng((seed, round(megapixels * 1000)))
    if folder is not None:
        return compose(rng, from_folder(rng, folder, megapixels), heights, cut_outs())
    return compose(rng, clean(rng, megapixels, kind), heights, cut_outs())


def compose(
    rng: np.random.Generator,
    ground: Clean,
    heights: Sequence[int],
    candidates: Sequence[CutOut],
) -> Scene:
    """Put people into a picture, the tallest first, none touching another.

    Args:
        rng: decides who stands where, how bright, which way round.
        ground: the picture without people.
        heights: of the people, in px.
        candidates: whom to take; those without legs stand at the picture's lower edge, where one in
            five people stands. At least one must be whole.

    Raises:
        NoRoom: the people do not fit.
    """
    truth = ground.pixels
    pixels = truth.copy()
    everybody: Mask = np.zeros(truth.shape[:2], np.uint8)
    grain = noise_of(truth)
    people: list[Person] = []
    for height in sorted(heights, reverse=True):
        person = at_height(
            _anybody(rng, candidates),
            height,
            mirrored=bool(rng.random() < 0.5),
            gain=float(rng.uniform(0.75, 1.2)),
        )
        left, top = _place(rng, ground, person, people)
        rows, columns = _area(left, top, person)
        opacity = person.opacity.astype(np.float32)[..., None] / 255
        body = grained(person.pixels.astype(np.float32), rng, grain)
        mixed = pixels[rows, columns] * (1 - opacity) + body * opacity
        pixels[rows, columns] = np.rint(mixed).astype(np.uint8)
        everybody[rows, columns] = person.opacity
        people.append(Person(person.name, _box(left, top, person), person.whole))
    return Scene(pixels, truth, tuple(people), everybody)


def noise_of(pixels: Pixels) -> float:
    """Estimate the standard deviation of a picture's noise, in levels of 255.

    Immerkær, "Fast noise variance estimation" (1996), with the median instead of the mean, so that edges
    count less, and of the middle square megapixel only. At most 6.
    """
    top, left = (max(0, (length - 1000) // 2) for length in pixels.shape[:2])
    middle = np.ascontiguousarray(pixels[top : top + 1000, left : left + 1000])
    grey = cv2.cvtColor(middle, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer: NDArray[np.float32] = np.asarray(cv2.filter2D(grey, cv2.CV_32F, kernel))
    # A normal variable's median of absolute values is 0.6745 of its standard deviation, the
    # kernel's gain is 6, and the grey of three independent channels has 0.67 of their noise.
    return min(6.0, float(np.median(np.abs(answer))) / 0.6745 / 6 / 0.67)


def _anybody(rng: np.random.Generator, candidates: Sequence[CutOut]) -> CutOut:
    wanted = rng.random() >= 0.2
    fitting = [c for c in candidates if c.whole is wanted] or [c for c in candidates if c.whole]
    return fitting[int(rng.integers(len(fitting)))]


def _place(
    rng: np.random.Generator, ground: Clean, person: CutOut, others: Sequence[Person]
) -> tuple[int, int]:
    """Find a place on the ground; returns (left, top) in px."""
    height, width = ground.pixels.shape[:2]
    tall, wide = person.opacity.shape
    highest = max(tall, round(ground.horizon * height))
    if tall > height or wide > width:
        raise NoRoom(f"a person of {wide}×{tall} px does not fit into {width}×{height} px")
    for _ in range(_TRIES):
        left = int(rng.integers(width - wide + 1))
        foot = int(rng.integers(highest, height + 1)) if person.whole else height
        box = _box(left, foot - tall, person)
        margin = 6 + 0.15 * wide
        around = Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
        if not any(around.intersection(other.box) for other in others):
            return left, foot - tall
    raise NoRoom(f"no free place for a person of {wide}×{tall} px in {width}×{height} px")


def _area(left: int, top: int, person: CutOut) -> tuple[slice, slice]:
    tall, wide = person.opacity.shape
    return slice(top, top + tall), slice(left, left + wide)


def _box(left: int, top: int, person: CutOut) -> Box:
    solid = person.opacity >= 128
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return Box(
        float(left + columns[0]),
        float(top + rows[0]),
        float(left + columns[-1] + 1),
        float(top + rows[-1] + 1),
    )
