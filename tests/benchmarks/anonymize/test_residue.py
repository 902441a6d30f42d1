"""The judge must see people before it may say that none is left."""

import pytest

from benchmarks.anonymize import residue
from benchmarks.anonymize.scenes import scene
from benchmarks.independent.ssdlite import SsdLite
from steps.environment import Environment

pytestmark = pytest.mark.weights


@pytest.mark.parametrize("kind", ["enlarged", "quilt"])
def test_the_judge_sees_the_people_and_not_the_clean_picture(kind: str) -> None:
    made = scene(3, 1.5, (300, 120, 60), kind=kind)  # type: ignore[arg-type]
    judge = SsdLite.load(Environment.from_env())
    there = residue.scores(judge, made.pixels, made.people)
    gone = residue.scores(judge, made.truth, made.people)
    assert min(there) > residue.THRESHOLD
    assert max(gone) < residue.THRESHOLD
