from benchmarks.anonymize.matching import false_ones, found
from benchmarks.anonymize.scenes import Person
from steps.backends.contract import Box, Detection


def person(x: float) -> Person:
    return Person("somebody", Box(x, 0, x + 10, 30), whole=True)


def seen(x0: float, y0: float, x1: float, y1: float) -> Detection:
    return Detection("person", 0.9, Box(x0, y0, x1, y1))


def test_a_person_is_found_from_half_an_overlap_on() -> None:
    assert found([person(0)], [seen(0, 0, 10, 16)]) == [True]
    assert found([person(0)], [seen(0, 0, 10, 14)]) == [False]
    assert found([person(0)], []) == [False]


def test_one_detection_serves_one_person() -> None:
    twins = [person(0), person(2)]
    assert found(twins, [seen(1, 0, 11, 30)]) == [True, False]
    assert found(twins, [seen(0, 0, 10, 30), seen(2, 0, 12, 30)]) == [True, True]


def test_what_lies_beside_everybody_is_false() -> None:
    beside, part_of_somebody = seen(40, 0, 50, 30), seen(0, 0, 10, 8)
    assert false_ones([person(0)], [beside, part_of_somebody]) == [beside]
