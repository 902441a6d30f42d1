"""The search on real photos with the default detectors."""

from functools import cache

import cv2
import numpy as np
import pytest

from benchmarks.anonymize.people import cut_outs
from steps.anonymize.detect import Found, find
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detector
from steps.contract import Context
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels
from tests.steps.backends.detection.photos import centerface, photo, yolo

pytestmark = pytest.mark.weights


def search(
    pixels: Pixels,
    parameters: AnonymizeParameters | None = None,
    *,
    detector: Detector | None = None,
    changed: Mask | None = None,
) -> Found:
    return find(
        pixels,
        detectors=[detector or yolo()],
        parameters=parameters or AnonymizeParameters(),
        context=Context(environment=Environment.from_env({})),
        changed=changed,
    )


@cache
def walker(height: int) -> tuple[Pixels, Mask]:
    """The man in the light coat of bus.jpg, cut out along his outline, scaled to a height in px."""
    box = Box(46, 397, 247, 906)
    person = cut_outs()[0]
    outline = np.zeros(photo("bus").shape[:2], np.uint8)
    outline[399 : 399 + person.height, 52 : 52 + person.opacity.shape[1]] = person.opacity
    width = round(box.width * height / box.height)
    man, mask = (
        cv2.resize(a[397:906, 46:247], (width, height), interpolation=cv2.INTER_AREA)
        for a in (photo("bus"), outline)
    )
    return man.astype(np.uint8), mask.astype(np.uint8)


def with_walkers(background: Pixels, height: int, places: list[tuple[int, int]]) -> Pixels:
    pixels = background.copy()
    man, mask = walker(height)
    opacity = mask[..., None] / 255
    for x, y in places:
        under = pixels[y : y + height, x : x + man.shape[1]]
        under[:] = np.rint(under * (1 - opacity) + man * opacity)
    return pixels


def box_of(height: int, x: int, y: int) -> Box:
    return Box(x, y, x + walker(height)[0].shape[1], y + height)


def enlarged(name: str, width: int, height: int) -> Pixels:
    """A clean photo at (width, height) px, cropped to that aspect, with a little grain."""
    source = photo(name)
    columns = min(source.shape[1], round(source.shape[0] * width / height))
    big = cv2.resize(source[:, :columns], (width, height), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(3).normal(0, 4, (height, width, 1))
    return np.clip(big + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["china", "flower", "coffee", "chelsea", "rocket"])
def test_no_more_false_alarms_than_one_plain_look(name: str) -> None:
    plain = yolo().detect(photo(name), size=640, threshold=0.25)
    assert [d for d in plain if d.label == "person"] == []
    assert search(photo(name)).detections == ()


@pytest.mark.slow
def test_a_flower_that_fills_a_large_picture_is_no_person() -> None:
    # Its heart, seen in a tile, scores 0.33; no look from farther away confirms it.
    assert search(enlarged("flower", 2000, 1500)).detections == ()


def test_the_people_of_the_bus_are_found_and_nobody_else() -> None:
    # A post whose foot a tile cuts off is a person to the detector itself.
    lefts = sorted(round(d.box.x0) for d in search(photo("bus")).detections)
    assert len(lefts) == 4
    assert lefts == pytest.approx([0, 48, 221, 670], abs=12)


def test_close_ups_are_found_once() -> None:
    (astronaut,) = search(photo("astronaut")).detections
    assert astronaut.box.iou(Box(5, 14, 363, 511)) > 0.8
    assert len(search(photo("zidane")).detections) == 2


@pytest.mark.slow
def test_people_of_40_px_are_found_in_12_million_pixels_but_hardly_without_tiles() -> None:
    places = [(x, y) for x in (500, 1500, 2600, 3400) for y in (700, 1500, 2300)]
    pixels = with_walkers(enlarged("china", 4000, 3000), 40, places)
    found = search(pixels).detections
    wanted = [box_of(40, x, y) for x, y in places]
    seen = [box for box in wanted if any(d.box.iou(box) > 0.4 for d in found)]
    assert len(seen) >= 11
    assert all(any(d.box.intersection(box) > 0 for box in wanted) for d in found)
    whole = search(pixels, AnonymizeParameters(tiles="never")).detections
    assert sum(any(d.box.iou(box) > 0.4 for d in whole) for box in wanted) <= 4


@pytest.mark.slow
def test_a_person_across_the_edges_of_tiles_is_one_person() -> None:
    background = enlarged("coffee", 2000, 1500)
    for x, y in ((480, 300), (980, 640), (1330, 1000)):
        (found,) = search(with_walkers(background, 240, [(x, y)])).detections
        assert found.box.iou(box_of(240, x, y)) > 0.6


@pytest.mark.slow
def test_what_was_seen_where_nothing_changed_is_seen_again() -> None:
    pixels = with_walkers(enlarged("rocket", 2000, 1500), 80, [(1500, 900)])
    changed = np.zeros(pixels.shape[:2], np.uint8)
    changed[880:1000, 1480:1560] = 255
    again = search(pixels, changed=changed).detections
    assert [d.label for d in again] == ["person"]
    assert set(again) <= set(search(pixels).detections)


def test_faces_are_found_by_their_own_detector() -> None:
    parameters = AnonymizeParameters(classes=("face", "person"))
    found = find(
        photo("zidane"),
        detectors=[yolo(), centerface()],
        parameters=parameters,
        context=Context(environment=Environment.from_env({})),
    ).detections
    assert sorted(d.label for d in found) == ["face", "face", "person", "person"]


def test_any_class_is_found_by_name() -> None:
    found = search(photo("bus"), AnonymizeParameters(classes=("bus",))).detections
    assert [d.label for d in found] == ["bus"]
