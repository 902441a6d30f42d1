import numpy as np
import pytest

from steps.anonymize.detect import find, route
from steps.anonymize.parameters import AnonymizeParameters, Zone
from steps.backends.contract import Box, Detection, Detector
from steps.backends.detection.stub import MARKERS, StubDetector
from steps.contract import Context
from steps.environment import Environment
from steps.errors import Cancelled, InvalidParameters
from steps.imaging.document import Mask, Pixels

from .markers import covers, picture


class Watching(Detector):
    """A stub that remembers how it was asked."""

    descriptor = StubDetector.descriptor

    def __init__(self, classes: tuple[str, ...] = StubDetector.classes) -> None:
        self.classes = classes
        self.looks: list[tuple[int, float]] = []

    @classmethod
    def load(cls, environment: Environment) -> "Watching":
        return cls()

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        self.looks.append((size, threshold))
        found = StubDetector().detect(pixels, size=size, threshold=threshold)
        return [d for d in found if d.label in self.classes]


def look(
    pixels: Pixels,
    parameters: AnonymizeParameters | None = None,
    *,
    changed: Mask | None = None,
    scale: float = 1.0,
    detector: Detector | None = None,
) -> tuple[Detection, ...]:
    return find(
        pixels,
        detectors=[detector or StubDetector()],
        parameters=parameters or AnonymizeParameters(),
        context=Context(environment=Environment.from_env({})),
        changed=changed,
        threshold_scale=scale,
    ).detections


def corners(found: Detection) -> tuple[float, float, float, float]:
    return (found.box.x0, found.box.y0, found.box.x1, found.box.y1)


BIG = (2400, 1800)


@pytest.mark.parametrize(
    "box",
    [
        (100, 100, 120, 140),  # small
        (0, 0, 30, 60),  # in the corner
        (1190, 700, 1230, 800),  # in the middle, where tiles meet
        (300, 200, 900, 1700),  # larger than any tile
        (2380, 1740, 2400, 1800),  # in the last corner
    ],
)
def test_one_thing_is_found_once_wherever_it_stands(box: tuple[int, int, int, int]) -> None:
    (found,) = look(picture(box, size=BIG))
    assert found.label == "person"
    assert covers(corners(found), box)


def test_small_things_need_tiles() -> None:
    pixels = picture((700, 900, 706, 914), size=BIG)
    assert len(look(pixels)) == 1
    assert look(pixels, AnonymizeParameters(tiles="never")) == ()


def test_several_things_stay_apart() -> None:
    boxes = [(x, y, x + 30, y + 60) for x in range(50, 2300, 300) for y in range(40, 1700, 400)]
    found = look(picture(*boxes, size=BIG))
    assert len(found) == len(boxes)
    for box in boxes:
        assert any(covers(corners(d), box) for d in found)


def test_nothing_is_found_in_a_picture_without_markers() -> None:
    assert look(picture(size=BIG)) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (3000, 1), (31, 33)])
def test_pictures_of_any_shape_are_looked_at(size: tuple[int, int]) -> None:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:] = MARKERS["person"]
    for found in look(pixels):
        assert found.box.x0 >= 0
        assert found.box.y0 >= 0
        assert found.box.x1 <= size[0]
        assert found.box.y1 <= size[1]


def test_things_below_the_minimum_size_are_left_alone() -> None:
    pixels = picture((50, 50, 70, 90), (150, 50, 200, 150), size=(320, 240))
    (found,) = look(pixels, AnonymizeParameters(min_size=41))
    assert covers(corners(found), (150, 50, 200, 150))
    assert len(look(pixels, AnonymizeParameters(min_size=39))) == 2


def test_thresholds_are_by_class_and_scaled() -> None:
    pixels = picture((20, 20, 36, 52))
    (found,) = look(pixels)
    strict = AnonymizeParameters(threshold=0.01, thresholds={"person": 0.97})
    assert look(pixels, strict) == ()
    assert look(pixels, strict, scale=0.9 * found.score / 0.97) == (found,)


def test_ignored_things_are_told_apart() -> None:
    pixels = picture((10, 20, 60, 120), (200, 20, 250, 120))
    left = Zone(rectangle=(0.0, 0.0, 0.5, 1.0))
    found = find(
        pixels,
        detectors=[StubDetector()],
        parameters=AnonymizeParameters(ignore_zones=(left,)),
        context=Context(environment=Environment.from_env({})),
    )
    assert [covers(corners(d), (200, 20, 250, 120)) for d in found.detections] == [True]
    assert [covers(corners(d), (10, 20, 60, 120)) for d in found.ignored] == [True]


def test_only_the_classes_asked_for_are_found() -> None:
    pixels = picture((10, 20, 60, 120))
    pixels[20:120, 200:250] = MARKERS["car"]
    assert [d.label for d in look(pixels)] == ["person"]
    assert [d.label for d in look(pixels, AnonymizeParameters(classes=("car",)))] == ["car"]
    both = look(pixels, AnonymizeParameters(classes=("person", "car")))
    assert sorted(d.label for d in both) == ["car", "person"]


def test_a_second_look_goes_to_changed_places_only() -> None:
    pixels = picture((1000, 900, 1040, 980), size=BIG)
    full, part, none = Watching(), Watching(), Watching()
    unchanged = np.zeros(pixels.shape[:2], np.uint8)
    changed = unchanged.copy()
    changed[890:990, 990:1050] = 255
    assert look(pixels, detector=full) == look(pixels, detector=part, changed=changed) != ()
    assert len(part.looks) < len(full.looks)
    assert look(pixels, detector=none, changed=unchanged) == ()
    assert none.looks == []


def test_a_thing_that_appears_where_something_changed_is_found() -> None:
    pixels = picture((1500, 300, 1512, 330), size=BIG)
    changed = np.zeros(pixels.shape[:2], np.uint8)
    changed[310, 1505] = 255
    (found,) = look(pixels, changed=changed)
    assert covers(corners(found), (1500, 300, 1512, 330))


def test_small_doubtful_things_get_a_closer_look() -> None:
    # 5 px wide: 0.32 at full size, 0.48 when enlarged twice.
    pixels = picture((700, 500, 705, 515), size=(1600, 1200))
    (found,) = look(pixels, AnonymizeParameters(threshold=0.45))
    assert covers(corners(found), (700, 500, 705, 515))


def test_a_cancelled_search_stops() -> None:
    detector = Watching()
    with pytest.raises(Cancelled):
        find(
            picture(size=BIG),
            detectors=[detector],
            parameters=AnonymizeParameters(),
            context=Context(
                environment=Environment.from_env({}), is_cancelled=lambda: len(detector.looks) >= 3
            ),
        )
    assert len(detector.looks) == 3


def test_progress_only_rises() -> None:
    heard: list[float] = []
    find(
        picture((10, 10, 30, 50), size=BIG),
        detectors=[StubDetector()],
        parameters=AnonymizeParameters(),
        context=Context(
            environment=Environment.from_env({}), on_progress=lambda done, _: heard.append(done)
        ),
    )
    assert heard == sorted(heard)
    assert heard[-1] <= 1.0


def test_each_class_goes_to_the_first_detector_that_knows_it() -> None:
    first, second = Watching(("person", "car")), Watching(("car", "face"))
    assert route(("person", "car", "face"), [first, second]) == [
        (first, frozenset({"person", "car"})),
        (second, frozenset({"face"})),
    ]
    assert route(("face",), [first, second]) == [(second, frozenset({"face"}))]


def test_an_unknown_class_names_similar_and_known_ones() -> None:
    with pytest.raises(InvalidParameters) as caught:
        route(("car", "Persn"), [Watching()])
    assert caught.value.errors[0][0] == "/classes/1"
    assert "did you mean 'person'" in caught.value.detail
    assert "known: car, person" in caught.value.detail


def test_the_same_search_twice_is_the_same() -> None:
    pixels = picture((100, 100, 130, 170), (1190, 700, 1230, 800), size=BIG)
    assert look(pixels) == look(pixels)


def test_boxes_have_the_pictures_own_pixels() -> None:
    (found,) = look(picture((400, 300, 800, 900), size=(1280, 960)))
    assert isinstance(found.box, Box)
    assert covers(corners(found), (400, 300, 800, 900))


class Seeing(Detector):
    """Sees one box wherever it is whole or cut in a look, at the scales that it is told."""

    descriptor = StubDetector.descriptor
    classes = ("person",)

    def __init__(self, smallest: float, *, only_cut: bool = False, score: float = 0.6) -> None:
        self.smallest = smallest
        self.only_cut = only_cut
        self.score = score

    @classmethod
    def load(cls, environment: Environment) -> "Seeing":
        return cls(0.0)

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        found = StubDetector().detect(pixels, size=size, threshold=threshold)
        height, width = pixels.shape[:2]
        edge = [d.box.y0 <= 0 or d.box.y1 >= height or d.box.x1 >= width for d in found]
        return [
            Detection(d.label, self.score, d.box)
            for d, cut in zip(found, edge, strict=True)
            if size >= self.smallest and (cut or not self.only_cut)
        ]


def test_something_large_that_only_the_finest_look_sees_is_a_false_alarm() -> None:
    pixels = picture((100, 100, 300, 400), size=(1280, 960))
    assert len(look(pixels, detector=Seeing(0))) == 1
    assert look(pixels, detector=Seeing(700)) == ()
    assert len(look(pixels, detector=Seeing(700, score=0.9))) == 1  # too sure to be left in


def test_something_at_a_tiles_edge_that_nobody_sees_as_a_whole_is_a_false_alarm() -> None:
    # The finest tiles of this size share the rows 482..536: each of them cuts what reaches beyond.
    pixels = picture((300, 440, 340, 580), size=(1500, 1500))
    assert len(look(pixels, detector=Seeing(0))) == 1
    assert look(pixels, detector=Seeing(0, only_cut=True)) == ()
