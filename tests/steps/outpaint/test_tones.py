import numpy as np

from steps.imaging.document import Pixels
from steps.outpaint.border import meet
from steps.outpaint.palette import draw_back
from steps.outpaint.striking import striking
from steps.outpaint.tone import match
from tests.steps.anonymize.markers import picture

INNER = (slice(30, 150), slice(40, 200))
NOTHING = np.zeros((180, 240), np.uint8)


def framed(inside: tuple[int, int, int], outside: tuple[int, int, int]) -> Pixels:
    pixels = np.full((180, 240, 3), outside, np.uint8)
    pixels[INNER] = inside
    return pixels


def test_a_small_step_of_tone_is_closed_at_the_border_and_left_far_out() -> None:
    pixels = framed((100, 110, 120), (108, 110, 112))
    match(pixels, INNER, NOTHING)
    for row, column in ((29, 120), (150, 120), (90, 39), (90, 200)):
        assert np.abs(pixels[row, column].astype(int) - (100, 110, 120)).max() <= 2
    assert np.abs(pixels[0, 0].astype(int) - (108, 110, 112)).max() <= 2
    assert (pixels[INNER] == (100, 110, 120)).all()


def test_an_edge_is_no_step_of_tone() -> None:
    pixels = framed((20, 20, 20), (220, 220, 220))
    match(pixels, INNER, NOTHING)
    assert np.abs(pixels[29, 120].astype(int) - 220).max() <= 1


def test_a_tone_that_the_original_has_not_is_drawn_back_to_the_nearest_it_has() -> None:
    pixels = framed((30, 60, 140), (30, 60, 140))
    pixels[:20, :30] = (90, 40, 150)
    before = pixels.copy()
    draw_back(pixels, INNER, NOTHING)
    assert np.abs(pixels[5, 5].astype(int) - (30, 60, 140)).max() <= 12
    assert (pixels[INNER] == before[INNER]).all()
    assert np.abs(pixels[-20:].astype(int) - before[-20:]).max() <= 1


def test_nothing_is_matched_to_what_is_forbidden() -> None:
    pixels = framed((100, 110, 120), (108, 110, 112))
    forbidden = NOTHING.copy()
    forbidden[INNER] = 255
    before = pixels.copy()
    match(pixels, INNER, forbidden)
    assert (pixels == before).all()


def test_forbidden_colours_draw_nothing_back() -> None:
    pixels = framed((30, 60, 140), (60, 60, 140))
    pixels[30:150, 40:80] = (60, 60, 140)
    forbidden = NOTHING.copy()
    forbidden[30:150, 80:200] = 255
    before = pixels.copy()
    draw_back(pixels, INNER, forbidden)
    assert (pixels == before).all()


def test_what_occurs_once_is_striking_and_what_occurs_everywhere_is_not() -> None:
    pixels = picture((140, 100, 180, 150))
    marked = striking(pixels) > 0
    assert marked[105:145, 145:175].mean() > 0.9
    assert not striking(np.full((60, 90, 3), 77, np.uint8)).any()


def test_striking_takes_any_size() -> None:
    for size in ((1, 1), (7, 3), (1, 90), (300, 5)):
        assert striking(picture(size=size)).shape == size[::-1]


def test_the_first_pixels_beyond_the_border_meet_those_before_it() -> None:
    pixels = np.zeros((180, 240, 3), np.uint8)
    pixels[INNER] = picture(size=(160, 120))
    nothing = np.zeros((180, 240), np.uint8)
    before = pixels.copy()
    meet(pixels, INNER, nothing)
    share = pixels[29, 40:200].astype(float) / pixels[30, 40:200]
    assert share.min() > 0.45
    assert (pixels[INNER] == before[INNER]).all()
    assert not pixels[:25].any()


def test_what_is_forbidden_is_not_mirrored() -> None:
    pixels = np.zeros((180, 240, 3), np.uint8)
    pixels[INNER] = picture(size=(160, 120))
    forbidden = np.full((180, 240), 255, np.uint8)
    before = pixels.copy()
    meet(pixels, INNER, forbidden)
    assert (pixels == before).all()
