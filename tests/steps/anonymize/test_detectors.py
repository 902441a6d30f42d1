"""Which detectors are taken, and what is said where none may be."""

from dataclasses import replace
from pathlib import Path

import pytest

from steps import residency
from steps.anonymize.detectors import detectors_for
from steps.anonymize.parameters import AnonymizeParameters
from steps.backends.detection.coco import COCO
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsMissing

DENYING = replace(Environment.from_env(), denied_licences=frozenset({"AGPL-3.0"}))


@pytest.mark.weights
def test_where_its_licence_is_denied_the_error_names_the_licence_and_the_setting() -> None:
    wanted = AnonymizeParameters(classes=("face", "person"))
    with pytest.raises(
        BackendUnavailable, match=r"'person'.*AGPL-3\.0 is denied by RETUSCHE_DENY_LICENCES"
    ) as caught:
        detectors_for(wanted, DENYING)
    assert caught.value.pointer == "/classes/1"


@pytest.mark.weights
def test_faces_need_no_denied_licence() -> None:
    (detector,) = detectors_for(AnonymizeParameters(classes=("face",)), DENYING)
    assert detector.descriptor.licence == "MIT"
    assert detector is residency.choose(type(detector), "centerface", DENYING)


@pytest.mark.weights
def test_a_class_that_nobody_knows_is_left_for_the_search_to_refuse() -> None:
    assert detectors_for(AnonymizeParameters(classes=("persn",)), DENYING)


@pytest.mark.weights
def test_the_classes_are_known_before_the_weights_are_opened() -> None:
    (detector,) = detectors_for(AnonymizeParameters(classes=("dog",)), Environment.from_env())
    assert detector.classes == COCO
    assert len(set(COCO)) == 80


def test_without_weights_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="models pull"):
        detectors_for(AnonymizeParameters(), Environment(weights_dir=tmp_path))
