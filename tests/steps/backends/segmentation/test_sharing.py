from steps.backends.contract import Box
from steps.backends.segmentation.sharing import shared_passes


def test_neighbours_share_a_look() -> None:
    boxes = [Box(100, 100, 200, 300), Box(220, 100, 320, 300)]
    (only,) = shared_passes(boxes, 4000, 3000, side=1024)
    assert set(only.boxes) == {0, 1}
    assert only.crop.x0 <= 0
    assert only.crop.x1 >= 320


def test_a_small_thing_far_away_gets_its_own() -> None:
    boxes = [Box(0, 0, 1500, 1500), Box(3900, 2900, 3940, 2940)]
    assert [each.boxes for each in shared_passes(boxes, 4000, 3000, side=1024)] == [(0,), (1,)]


def test_in_a_small_picture_all_share_one() -> None:
    boxes = [Box(0, 0, 500, 500), Box(700, 700, 720, 720), Box(10, 900, 20, 910)]
    (only,) = shared_passes(boxes, 1000, 1000, side=1024)
    assert sorted(only.boxes) == [0, 1, 2]


def test_every_box_is_answered_once_within_the_page() -> None:
    boxes = [Box(x, y, x + 60, y + 90) for x in range(-20, 3900, 500) for y in range(0, 3000, 400)]
    passes = shared_passes(boxes, 4000, 3000, side=1024)
    assert sorted(index for each in passes for index in each.boxes) == list(range(len(boxes)))
    for each in passes:
        assert 0 <= each.crop.x0 < each.crop.x1 <= 4000
        assert 0 <= each.crop.y0 < each.crop.y1 <= 3000
