"""What must not be copied: heads nowhere, bodies and things but for the strip at an edge that cuts a large one."""

from pathlib import Path

import numpy as np

from steps.backends.contract import Box, Detection, Detector
from steps.backends.detection.stub import StubDetector
from steps.contract import Context
from steps.environment import Environment
from steps.imaging.document import Mask, Page, Pixels
from steps.outpaint.geometry import Extension
from steps.outpaint.sources import not_copied
from steps.watch import Watch

SIZE = (320, 240)
ALL_ROUND = Extension(40, 40, 40, 40)


class Sees(StubDetector):
    """Sees what it is told."""

    def __init__(self, *seen: tuple[str, tuple[int, int, int, int]]) -> None:
        self._seen = [Detection(label, 0.9, Box(*box)) for label, box in seen]

    def detect(self, pixels: Pixels, *, size: int, threshold: float) -> list[Detection]:
        return self._seen


def marked(*seen: tuple[str, tuple[int, int, int, int]], extension: Extension = ALL_ROUND) -> Mask:
    detector: Detector = Sees(*seen)
    page = Page(pixels=np.full((SIZE[1], SIZE[0], 3), 90, np.uint8))
    context = Context(environment=Environment(weights_dir=Path("unused")))
    return not_copied(page, extension, Watch(detector), context)


def test_a_large_person_whom_the_edge_cuts_may_go_on_but_for_the_head() -> None:
    found = marked(("person", (100, 60, 180, 239)))
    assert (found[60:130, 100:180] == 255).all()
    assert (found[60:180, 110:170] == 255).all()
    assert (found[-40:, 105:175] == 0).all()


def test_a_person_whom_no_edge_cuts_is_not_copied_at_all() -> None:
    assert (marked(("person", (100, 30, 180, 220)))[30:220, 100:180] == 255).all()
    below = Extension(40, 40, 40, 0)
    assert (marked(("person", (100, 60, 180, 239)), extension=below)[60:, 100:180] == 255).all()


def test_a_small_person_at_the_edge_is_not_copied() -> None:
    assert (marked(("person", (100, 180, 130, 239)))[180:, 100:130] == 255).all()


def test_a_face_is_not_copied_wherever_it_is() -> None:
    assert (marked(("face", (100, 140, 200, 239)))[140:, 100:200] == 255).all()


def test_surfaces_that_things_stand_on_are_copied() -> None:
    assert not marked(("dining table", (0, 100, 320, 240))).any()
