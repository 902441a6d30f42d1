"""Parameters as they are written on a command line: `--set classes=person,face`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from connector.coercion import from_pairs
from steps.errors import InvalidParameters


def parameters_from(model: type[BaseModel], assignments: Sequence[str]) -> dict[str, object]:
    """Return what the assignments mean; the model itself still has to validate it.

    Args:
        model: the step's parameters.
        assignments: "name=value". A name is a wire name or a Python name, dotted where it means
            a field of an object ("thresholds.person=0.3"). A list of plain values may be
            written with commas; whatever has a structure is written as JSON.

    Raises:
        InvalidParameters: names the assignment that cannot be understood.
    """
    return from_pairs(model, _pairs(model, assignments))


def _pairs(model: type[BaseModel], assignments: Sequence[str]) -> Iterator[tuple[str, str]]:
    properties = model.model_json_schema(by_alias=True)["properties"]
    for assignment in assignments:
        written, equals, value = assignment.partition("=")
        if not equals or not written:
            raise InvalidParameters(
                f"--set {assignment!r} must be NAME=VALUE, e.g. --set seed=7; "
                f"known names: {', '.join(properties)}"
            )
        name = _wire_name(model, written.strip())
        if "," in value and _is_plain_list(properties.get(name, {}), value):
            yield from ((name, each.strip()) for each in value.split(","))
        else:
            yield name, value


def _wire_name(model: type[BaseModel], written: str) -> str:
    first, dot, rest = written.partition(".")
    field = model.model_fields.get(first)
    return f"{(field and field.alias) or first}{dot}{rest}"


def _is_plain_list(schema: Mapping[str, Any], value: str) -> bool:
    """Say whether a value is commas between plain values, not JSON."""
    choices = [schema, *schema.get("anyOf", [])]
    arrays = [choice for choice in choices if choice.get("type") == "array"]
    plain = ("string", "number", "integer", "boolean")
    return not value.lstrip().startswith("[") and any(
        array.get("items", {}).get("type") in plain for array in arrays
    )
