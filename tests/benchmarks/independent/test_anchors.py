import numpy as np

from benchmarks.independent.anchors import GRIDS, anchors, moved


def test_there_are_as_many_as_the_paper_counts() -> None:
    assert len(anchors()) == 3 * GRIDS[0] ** 2 + 6 * sum(side**2 for side in GRIDS[1:])


def test_an_answer_of_zero_leaves_the_box() -> None:
    boxes = np.array([[0.5, 0.25, 0.4, 0.2]], np.float32)
    found = moved(boxes, np.zeros((1, 4), np.float32))
    assert np.allclose(found, [[0.15, 0.3, 0.35, 0.7]])


def test_answers_move_and_stretch() -> None:
    boxes = np.array([[0.5, 0.5, 0.2, 0.2]], np.float32)
    answer = np.array([[5.0, -5.0, 5 * np.log(2), 0.0]], np.float32)
    # Half a height down, half a width to the left, twice as tall.
    assert np.allclose(moved(boxes, answer), [[0.3, 0.4, 0.5, 0.8]], atol=1e-6)
