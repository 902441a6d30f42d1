from typing import Any

import pytest

from comfy_bridge.nodes.catalogue import Description, shipped
from comfy_bridge.nodes.widgets import (
    UNSET,
    Widget,
    WidgetInvalid,
    known_to,
    parameters_of,
    widgets_of,
)


def widget(schema: dict[str, Any], name: str = "someName") -> Widget:
    (found,) = widgets_of({"properties": {name: schema}})
    return found


def sent(schema: dict[str, Any], value: Any) -> dict[str, Any]:
    found = widget(schema)
    return parameters_of([found], {found.id: value})


NULLABLE = [{"minimum": 0, "maximum": 9, "type": "integer"}, {"type": "null"}]


def test_a_number_keeps_range_default_and_description() -> None:
    found = widget(
        {"type": "number", "minimum": 0.1, "maximum": 2, "default": 1.5, "description": "Px."}
    )
    assert (found.id, found.name, found.kind) == ("some_name", "someName", "float")
    assert (found.minimum, found.maximum, found.default) == (0.1, 2, 1.5)
    assert found.tooltip == "Px."


def test_a_limit_that_does_not_belong_to_the_range_is_kept_away_from() -> None:
    found = widget({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.5})
    assert (found.minimum, found.maximum) == (0.01, 0.99)


def test_a_number_that_may_be_left_out_has_a_value_below_its_range_for_that() -> None:
    assert widget({"anyOf": NULLABLE}).default == -1
    assert sent({"anyOf": NULLABLE}, -1) == {}
    assert sent({"anyOf": NULLABLE}, 0) == {"someName": 0}


def test_a_choice_that_may_be_left_out_says_unset() -> None:
    schema = {"anyOf": [{"enum": ["a", "b"], "type": "string"}, {"type": "null"}]}
    assert widget(schema).options == (UNSET, "a", "b")
    assert sent(schema, UNSET) == {}
    assert sent(schema, "b") == {"someName": "b"}


def test_names_are_written_with_commas() -> None:
    schema = {"type": "array", "items": {"type": "string"}, "default": ["person", "dog"]}
    assert widget(schema).default == "person, dog"
    assert sent(schema, " car,, bus ") == {"someName": ["car", "bus"]}


def test_a_prompt_has_room_for_several_lines() -> None:
    assert widget({"type": "string", "default": ""}).multiline
    assert not widget({"type": "string", "default": "auto"}).multiline
    assert not widget({"type": "string", "pattern": "^[0-9]+:[0-9]+$"}).multiline


def test_objects_are_written_as_json() -> None:
    schema = {"type": "array", "items": {"type": "object"}, "default": []}
    assert sent(schema, "") == {}
    assert sent(schema, '[{"x": 1}]') == {"someName": [{"x": 1}]}
    with pytest.raises(WidgetInvalid, match="some_name: no JSON"):
        sent(schema, "[{")


def test_a_number_or_a_text_is_what_it_looks_like() -> None:
    forms = [{"type": "integer"}, {"enum": ["4k"], "type": "string"}, {"type": "null"}]
    assert sent({"anyOf": forms}, "") == {}
    assert sent({"anyOf": forms}, " 3840 ") == {"someName": 3840}
    assert sent({"anyOf": forms}, "4k") == {"someName": "4k"}


def test_a_service_that_is_older_than_the_pack_is_not_asked_for_what_it_lacks() -> None:
    both = {"old": {"type": "integer", "default": 1}, "new": {"type": "integer", "default": 2}}
    widgets = widgets_of({"properties": both})
    older = {"properties": {"old": both["old"]}}
    assert known_to(older, widgets, {"old": 1, "new": 2}) == {"old": 1}
    assert known_to(older, widgets, {"old": 1, "new": 3}) == {"old": 1, "new": 3}


def test_a_parameter_named_as_an_input_is_renamed() -> None:
    schema = {"properties": {"mask": {"type": "string", "default": "auto"}}}
    assert [found.id for found in widgets_of(schema, {"mask"})] == ["mask_parameter"]


@pytest.mark.parametrize("step", shipped(), ids=lambda step: step.name)
def test_the_widgets_defaults_are_the_step_s_own(step: Description) -> None:
    given = parameters_of(widgets_of(step.parameters), {})
    for name, schema in step.parameters["properties"].items():
        if name in given:
            assert given[name] == schema.get("default", "")
        else:
            assert not schema.get("default")


@pytest.mark.parametrize("step", shipped(), ids=lambda step: step.name)
def test_every_parameter_has_a_widget_of_its_own(step: Description) -> None:
    found = widgets_of(step.parameters)
    assert {each.name for each in found} == set(step.parameters["properties"])
    assert len({each.id for each in found}) == len(found)
    assert all(each.tooltip for each in found)
