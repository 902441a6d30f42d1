import numpy as np

from steps.backends.detection.suppression import keep_best

TWINS = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [50, 50, 60, 60]], np.float32)
SCORES = np.array([0.5, 0.9, 0.1], np.float32)


def kept(labels: list[int], iou: float = 0.7, most: int = 300) -> list[int]:
    found = keep_best(TWINS, SCORES, np.array(labels, np.int64), iou=iou, most=most)
    return [int(i) for i in found]


def test_the_best_of_overlapping_boxes_stays() -> None:
    assert kept([0, 0, 0]) == [1, 2]


def test_classes_do_not_suppress_each_other() -> None:
    assert kept([0, 1, 0]) == [1, 0, 2]


def test_an_overlap_up_to_the_limit_is_kept() -> None:
    assert kept([0, 0, 0], iou=0.95) == [1, 0, 2]


def test_no_more_than_asked_for() -> None:
    assert kept([0, 1, 2], most=2) == [1, 0]


def test_nothing_in_nothing_out() -> None:
    none = keep_best(
        np.zeros((0, 4), np.float32),
        np.zeros(0, np.float32),
        np.zeros(0, np.int64),
        iou=0.7,
        most=300,
    )
    assert none.size == 0


def test_boxes_without_area_suppress_nothing() -> None:
    flat = np.array([[5, 5, 5, 9], [5, 5, 5, 9]], np.float32)
    found = keep_best(
        flat, np.array([0.5, 0.4], np.float32), np.zeros(2, np.int64), iou=0.7, most=9
    )
    assert found.tolist() == [0, 1]
