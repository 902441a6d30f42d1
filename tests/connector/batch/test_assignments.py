from typing import Any

import pytest

from connector.batch.assignments import parameters_from
from steps.anonymize.parameters import AnonymizeParameters
from steps.errors import InvalidParameters
from steps.validation import validate


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["classes=person,face"], {"classes": ("person", "face")}),
        (["classes=person"], {"classes": ("person",)}),
        (["classes=person", "classes=traffic light"], {"classes": ("person", "traffic light")}),
        (['classes=["a,b"]'], {"classes": ("a,b",)}),
        (["thresholds.person=0.3"], {"thresholds": {"person": 0.3}}),
        (
            ["thresholds.person=0.3", "thresholds.traffic light=.5"],
            {"thresholds": {"person": 0.3, "traffic light": 0.5}},
        ),
        (["onResidual=fail"], {"on_residual": "fail"}),
        (["on_residual=fail"], {"on_residual": "fail"}),
        (["color=#00ff00", "seed=7"], {"color": "#00ff00", "seed": 7}),
        (["detector="], {"detector": ""}),
        (["detector=a=b"], {"detector": "a=b"}),
    ],
)
def test_what_is_written_is_what_is_meant(written: list[str], meant: dict[str, Any]) -> None:
    parameters = validate(AnonymizeParameters, parameters_from(AnonymizeParameters, written))
    assert {name: getattr(parameters, name) for name in meant} == meant
    assert parameters == AnonymizeParameters(**meant)


@pytest.mark.parametrize("name", ["keepZones", "keep_zones"])
def test_structure_is_written_as_json(name: str) -> None:
    given = parameters_from(AnonymizeParameters, [f'{name}=[{{"rectangle":[0,0,0.5,1]}}]'])
    parameters = validate(AnonymizeParameters, given)
    assert parameters.keep_zones[0].rectangle == (0, 0, 0.5, 1)


@pytest.mark.parametrize("written", ["seed", "=7", ""])
def test_an_assignment_needs_a_name_and_a_value(written: str) -> None:
    with pytest.raises(InvalidParameters, match=r"must be NAME=VALUE.*known names: seed, classes"):
        parameters_from(AnonymizeParameters, [written])


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InvalidParameters, match="no parameter 'clases'; known: seed, classes"):
        parameters_from(AnonymizeParameters, ["clases=person"])
