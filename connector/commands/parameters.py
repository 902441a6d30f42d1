"""A parameters model's JSON Schema as lines for a person."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = (
    ("minimum", "≥ {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"),
    ("pattern", "matching {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
)
_NAMES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true | false",
}


def rows(root: Schema, schema: Schema) -> list[tuple[str, str, str, str]]:
    """Return (name, what it takes, default, meaning) of every property of an object."""
    required = schema.get("required", ())
    return [
        (
            name,
            takes(root, field),
            "needed" if name in required else _default(field),
            field.get("description", ""),
        )
        for name, field in schema.get("properties", {}).items()
    ]


def _default(schema: Schema) -> str:
    # pydantic leaves out defaults that are made anew for every model: empty mappings and lists.
    if "default" not in schema:
        return {"object": "{}", "array": "[]"}.get(schema.get("type", ""), "")
    return json.dumps(schema["default"], ensure_ascii=False)


def objects(root: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield (name, schema) of every kind of object that parameters hold."""
    for name, schema in root.get("$defs", {}).items():
        if schema.get("type") == "object":
            yield name, schema


def takes(root: Schema, schema: Schema) -> str:
    """Say in words what a value may be: "number ≥ 0, ≤ 1", "list of text, at least 1"."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found = root["$defs"][name]
        return str(name) if found.get("type") == "object" else takes(root, found)
    if "anyOf" in schema:
        return " or ".join(takes(root, choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    return ", ".join([_kind(root, schema), *_bounds(schema)])


def _kind(root: Schema, schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(takes(root, each) for each in schema['prefixItems'])}]"
        return f"list of {takes(root, schema.get('items', {}))}"
    if kind == "object":
        return f"object of name: {takes(root, schema.get('additionalProperties', {}))}"
    return _NAMES.get(str(kind), "null" if kind == "null" else "anything")


def _bounds(schema: Schema) -> list[str]:
    if "prefixItems" in schema:
        return []
    return [text.format(schema[key]) for key, text in _BOUNDS if key in schema]
