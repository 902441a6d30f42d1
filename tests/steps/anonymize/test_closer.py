"""Second looks: who is overlooked among odd surroundings is found, and one look alone proves nothing."""

from dataclasses import replace

import numpy as np

from steps.anonymize.closer import Closer, Suspect
from steps.anonymize.detect import find
from steps.anonymize.eye import Eye
from steps.anonymize.memory import Memory
from steps.anonymize.merge import Sighting
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.contract import Box, Detection
from steps.backends.detection.stub import StubDetector
from steps.contract import Context
from steps.imaging.document import Pixels
from tests.steps.anonymize.markers import covers, picture

BIG = (2400, 1800)
PERSON = (700, 900, 730, 980)


class Shy(StubDetector):
    """Sees a marker only faintly while it fills little of the look, and then as something else."""

    def __init__(self, *, label: str = "person", blind_at: int | None = None) -> None:
        self.label = label
        self.blind_at = blind_at
        self.sizes: list[int] = []

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        self.sizes.append(size)
        found = super().detect(pixels, size=size, threshold=0.0)
        seen = [self._seen(d, max(pixels.shape[:2])) for d in found if size != self.blind_at]
        return [d for d in seen if d.score >= threshold]

    def _seen(self, found: Detection, side: int) -> Detection:
        if max(found.box.width, found.box.height) > side / 2:
            return replace(found, score=0.9)
        return replace(found, label=self.label, score=0.012)


def look(detector: Shy, pixels: Pixels) -> tuple[Detection, ...]:
    return find(
        pixels, detectors=[detector], parameters=AnonymizeParameters(), context=Context()
    ).detections


def test_somebody_who_is_seen_only_without_the_surroundings_is_found() -> None:
    (found,) = look(Shy(), picture(PERSON, size=BIG))
    box = (found.box.x0, found.box.y0, found.box.x1, found.box.y1)
    assert covers(box, PERSON)
    assert found.score == 0.9


def test_somebody_who_is_taken_for_another_thing_is_found_too() -> None:
    assert len(look(Shy(label="car"), picture(PERSON, size=BIG))) == 1


def test_two_tight_looks_must_agree() -> None:
    assert look(Shy(blind_at=384), picture(PERSON, size=BIG)) == ()
    assert look(Shy(blind_at=256), picture(PERSON, size=BIG)) == ()


def closer(pixels: Pixels, detector: StubDetector, *, again: bool = False) -> Closer:
    changed = np.full(pixels.shape[:2], 255, np.uint8) if again else None
    eye = Eye(pixels, detector, Memory(), Context(), changed)
    return Closer(eye, {"person": 0.25})


def suspects(count: int) -> list[Suspect]:
    rng = np.random.default_rng(5)
    found = []
    for k in range(count):
        x, y = 60.0 * (k % 38), 60.0 * (k // 38)
        score = float(rng.uniform(0.004, 0.014))
        box = Box(x, y, x + 20, y + 40)
        found.append(Suspect(Sighting(Detection("person", score, box)), 44.0))
    return found


def test_clutter_costs_no_more_than_a_fixed_number_of_looks() -> None:
    noise = np.random.default_rng(2).integers(0, 100, (1800, 2400, 3), dtype=np.uint8)
    first, second = Shy(), Shy()
    assert closer(noise, first).look(suspects(600), []) == []
    assert len(first.sizes) == 80
    assert closer(noise, second, again=True).look(suspects(600), []) == []
    assert len(second.sizes) == 30


def test_what_is_known_for_sure_explains_the_parts_of_it() -> None:
    detector = Shy()
    whole = Sighting(Detection("person", 0.9, Box(700, 900, 730, 980)))
    part = Suspect(Sighting(Detection("person", 0.01, Box(700, 905, 730, 960))), 60.0)
    worn = Suspect(Sighting(Detection("tie", 0.3, Box(710, 920, 720, 940))), 22.0)
    assert closer(picture(PERSON, size=BIG), detector).look([part, worn], [whole]) == []
    assert detector.sizes == []


def test_a_large_thing_without_a_witness_may_get_one() -> None:
    """It counts, but no coarser look shows it: two tight looks tell whether it is somebody."""
    box = (600, 500, 720, 800)
    suspect = Suspect(
        Sighting(Detection("person", 0.6, Box(*map(float, box)))), 450.0, believed=False
    )
    (found,) = closer(picture(box, size=BIG), Shy()).look([suspect], [])
    assert covers(
        (
            found.detection.box.x0,
            found.detection.box.y0,
            found.detection.box.x1,
            found.detection.box.y1,
        ),
        box,
    )
    assert closer(picture(size=BIG), Shy()).look([suspect], []) == []
