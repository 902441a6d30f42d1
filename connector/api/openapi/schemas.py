"""Schemas of models, and references to them."""

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

REFERENCE = "#/components/schemas/{model}"
BYTES: dict[str, Any] = {"type": "string", "format": "binary"}

Schema = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]


def to(name: str) -> Schema:
    """Return the reference to a schema."""
    return {"$ref": REFERENCE.format(model=name)}


def content(media_type: str, name: str) -> dict[str, Any]:
    """Return the `content` of a body with the schema of this name."""
    return {media_type: {"schema": to(name)}}


def definitions(
    models: Iterable[type[BaseModel]], mode: Literal["validation", "serialization"]
) -> dict[str, Schema]:
    """Return the schemas of models, as they are read or written, and of what they hold, by name."""
    _, found = models_json_schema(
        [(model, mode) for model in models], ref_template=REFERENCE, by_alias=True
    )
    schemas: dict[str, Schema] = found.get("$defs", {})
    return schemas


def defaults_in_words(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Return schemas of what is read, with defaults in the descriptions alone.

    Generators take a `default` for a promise: openapi-typescript makes the field a required one, and clients of
    openapi-python-client send it, so that a caller keeps the defaults of the day on which its client was made.
    """
    return {
        name: schema
        | {
            "properties": {
                field: _in_words(known) for field, known in schema.get("properties", {}).items()
            }
        }
        if "properties" in schema
        else schema
        for name, schema in schemas.items()
    }


def _in_words(field: Schema) -> Schema:
    made = {key: value for key, value in field.items() if key != "default"}
    if field.get("default") not in (None, {}, []):
        words = json.dumps(field["default"], ensure_ascii=False)
        made["description"] = f"{field.get('description', '')} Default: {words}.".lstrip()
    return made


def untitled(node: Any) -> Any:
    """Return a document without the titles of its schemas: they repeat the names, and are names of classes to tools."""
    if isinstance(node, list):
        return [untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    is_schema = not {"type", "anyOf", "oneOf", "$ref", "enum", "const"}.isdisjoint(node)
    return {
        key: untitled(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str) and (is_schema or len(node) == 1))
    }
