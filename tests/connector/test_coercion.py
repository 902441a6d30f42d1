import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.coercion import from_pairs
from steps.errors import InvalidParameters
from tests.connector.sample_steps import EchoParameters


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], {}),
        ([("seed", "5")], {"seed": 5}),
        ([("note", "5")], {"note": "5"}),
        ([("note", '"5"')], {"note": '"5"'}),
        ([("classes", "person")], {"classes": ["person"]}),
        ([("classes", "1"), ("classes", "null")], {"classes": ["1", "null"]}),
        ([("classes", '["a", "b"]')], {"classes": ["a", "b"]}),
        ([("sizes", "1")], {"sizes": [1]}),
        ([("limit", "null")], {"limit": None}),
        ([("limit", "3")], {"limit": 3}),
        ([("keepColours", "true")], {"keepColours": True}),
        ([("corner", '{"x": 1}'), ("corner.label", "7")], {"corner": {"x": 1, "label": "7"}}),
        ([("thresholds.cell phone", "0.5")], {"thresholds": {"cell phone": 0.5}}),
        ([("zones", '{"x": 1}'), ("zones", '{"x": 2}')], {"zones": [{"x": 1}, {"x": 2}]}),
    ],
)
def test_texts_become_what_the_schema_asks_for(
    pairs: list[tuple[str, str]], expected: dict[str, object]
) -> None:
    assert from_pairs(EchoParameters, pairs) == expected


@pytest.mark.parametrize(
    "name", ["keep_colours", "Seed", "", ".", "corner.", "seed.x", "classes.0", "corner.x.y"]
)
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        from_pairs(EchoParameters, [(name, "1")])
    ((pointer, detail),) = caught.value.errors
    assert pointer == "/" + name.replace(".", "/")
    assert "known: " in detail or "give it as JSON" in detail


@given(
    st.builds(
        EchoParameters,
        seed=st.integers(0, 2**32 - 1),
        strength=st.floats(0, 1),
        note=st.text(),
        classes=st.lists(st.text(), min_size=1).map(tuple),
        sizes=st.lists(st.integers()).map(tuple),
        thresholds=st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)),
        limit=st.none() | st.integers(),
    )
)
def test_whatever_is_written_as_json_is_read_back(parameters: EchoParameters) -> None:
    written = parameters.model_dump(mode="json", by_alias=True)
    pairs = [(k, v if isinstance(v, str) else json.dumps(v)) for k, v in written.items()]
    assert EchoParameters.model_validate(from_pairs(EchoParameters, pairs)) == parameters


@given(st.text(), st.text())
def test_nothing_but_the_announced_error_is_raised(name: str, text: str) -> None:
    with suppress(InvalidParameters):
        from_pairs(EchoParameters, [(name, text)])
