"""A run's parameters as they stand in the query beside a raw picture (`connector.coercion` reads them)."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from connector.api.openapi.schemas import Schema

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_BESIDE = "Beside a raw picture only."
"""JSON and forms carry the parameters in the body; a query is refused there."""


def query_parameters(
    fields: Mapping[str, Schema], schemas: Mapping[str, Schema]
) -> list[dict[str, Any]]:
    """Return the query parameters of a run.

    Args:
        fields: the properties of the step's parameters.
        schemas: where their references lead.
    """
    output = schemas["OutputOptions"]["properties"]
    named = dict(fields) | {f"output.{name}": schema for name, schema in output.items()}
    return [_parameter(name, schema, schemas) for name, schema in named.items()]


def _parameter(name: str, field: Schema, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    schema = {key: value for key, value in copy.deepcopy(field).items() if key != "description"}
    description = f"{field.get('description', '')} {_BESIDE}".strip()
    choices = list(_not_null(schema))
    if len(choices) == 1:
        schema = choices[0]
    made: dict[str, Any] = {"name": name, "in": "query", "required": False}
    made["description"] = description
    if all(_is_plain(choice) for choice in choices):
        return made | {"schema": schema if len(choices) == 1 else {"anyOf": choices}}
    return made | {"content": {"application/json": {"schema": schema}}}


def _not_null(schema: Schema) -> Iterator[Schema]:
    for choice in schema.get("anyOf", [schema]):
        if choice.get("type") != "null":
            yield choice


def _is_plain(schema: Schema) -> bool:
    """Say whether a value is written as itself, or as a list by repeating the name."""
    if schema.get("type") == "array":
        return schema.get("items", {}).get("type") in _SCALARS
    return schema.get("type") in _SCALARS
