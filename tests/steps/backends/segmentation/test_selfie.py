"""The outlines of real people: nothing of a person may stay outside, wherever the picture's edge cuts."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

from steps.anonymize.mask import opacity_of, removals_of
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detection
from steps.backends.segmentation.selfie import (
    SelfieSegmenter,
    looks_at,
    touches_edge,
)
from steps.environment import Environment
from steps.imaging.document import Mask, Pixels
from tests.steps.backends.detection.photos import photo

BUS = {
    "beige coat": (
        Box(51, 395, 247, 904),
        [(135, 430), (130, 580), (80, 885), (205, 880), (95, 780)],
    ),
    "dark coat": (
        Box(222, 408, 345, 863),
        [(288, 440), (290, 550), (325, 640), (275, 840), (290, 802)],
    ),
    "cut at the right": (
        Box(668, 393, 809, 879),
        [(800, 430), (790, 600), (770, 730), (715, 850), (740, 560)],
    ),
    "cut at the left": (Box(1, 551, 72, 875), [(62, 775), (20, 680), (10, 800)]),
}
"""People in the photo, and points (x, y) on them: heads, hands, hems, shoes."""


@cache
def segmenter() -> SelfieSegmenter:
    return SelfieSegmenter.load(Environment.from_env())


def opacity(pixels: Pixels, boxes: list[Box]) -> Mask:
    people = [Detection("person", 0.9, box) for box in boxes]
    removals = removals_of(pixels, people, AnonymizeParameters(), segmenter())
    height, width = pixels.shape[:2]
    return opacity_of(removals, width, height, None)


@pytest.mark.weights
@pytest.mark.parametrize("who", BUS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_every_part_of_a_person_is_covered(who: str, mirrored: bool) -> None:
    pixels = photo("bus")
    box, points = BUS[who]
    if mirrored:
        width = pixels.shape[1]
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        box = Box(width - box.x1, box.y0, width - box.x0, box.y1)
        points = [(width - 1 - x, y) for x, y in points]
    mask = opacity(pixels, [box])
    missed = [(x, y) for x, y in points if mask[y, x] < 255]
    assert not missed


@pytest.mark.weights
def test_the_background_is_left_alone_where_the_outline_is_sure() -> None:
    pixels = photo("bus")
    mask = opacity(pixels, [box for box, _ in BUS.values()])
    boxes = np.zeros(mask.shape, bool)
    for box, _ in BUS.values():
        boxes[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
    assert (mask[boxes] == 0).mean() > 0.15
    assert not mask[:250].any()
    assert not mask[950:].any()


@pytest.mark.weights
def test_a_lawn_between_a_man_and_his_tripod_is_not_taken_for_him() -> None:
    mask = opacity(photo("camera"), [Box(1, 62, 294, 512)])
    assert (mask[150:250, 100:200] == 255).all()
    assert (mask[400:500, 180:235] == 0).mean() > 0.6


@pytest.mark.weights
def test_threads_share_one_model() -> None:
    pixels = photo("bus")
    boxes = [box for box, _ in BUS.values()] * 2
    alone = [segmenter().segment(pixels, box) for box in boxes]
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(lambda box: segmenter().segment(pixels, box), boxes))
    for one, other in zip(alone, beside, strict=True):
        assert (one == other).all()


@pytest.mark.weights
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (64, 48)])
def test_any_picture_and_any_box_gives_a_mask_of_its_size(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 90, np.uint8)
    for box in (Box(0, 0, 1, 1), Box(0, 0, size[1], size[0]), Box(0.4, 0.4, 0.5, 0.5)):
        mask = segmenter().segment(pixels, box)
        assert mask.shape == size
        assert set(np.unique(mask)) <= {0, 255}


def test_people_at_the_edge_are_looked_at_more_often() -> None:
    inside, cut = Box(100, 50, 160, 200), Box(1, 50, 61, 200)
    assert set(looks_at(inside, 300, 300)) < set(looks_at(cut, 300, 300))
    assert touches_edge(Box(1, 50, 61, 200), 300, 200)
    assert touches_edge(Box(100, 0, 160, 200), 300, 200)
    assert touches_edge(Box(239, 50, 299, 200), 300, 200)
    assert not touches_edge(Box(100, 50, 160, 200), 300, 200)
