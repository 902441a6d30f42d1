"""Parameters given as text ("seed=5", "thresholds.person=0.4"), made into what their schema asks for."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from steps.errors import InvalidParameters

Schema = Mapping[str, Any]


def from_pairs(model: type[BaseModel], pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return the parameters that text pairs mean; the model itself still has to validate them.

    A name is a wire name, dotted where it means a field of an object. A value is text where the
    schema asks for text, and JSON everywhere else. A list is given as JSON or by repeated names.

    Raises:
        InvalidParameters: an unknown name, a name given twice, or a path into something that is
            no object; each with the name as its pointer.
    """
    root = _schema_of(model)
    grouped: dict[str, list[str]] = {}
    for name, text in pairs:
        grouped.setdefault(name, []).append(text)
    parameters: dict[str, object] = {}
    for name, texts in grouped.items():
        path = name.split(".")
        schema = _schema_at(root, path)
        _put(parameters, path, _value(root, schema, texts, name))
    return parameters


@cache
def _schema_of(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True)


def _schema_at(root: Schema, path: list[str]) -> Schema:
    schema = root
    for depth, key in enumerate(path):
        choices = _choices(root, schema)
        properties: dict[str, Any] = {}
        for choice in choices:
            properties |= choice.get("properties", {})
        open_ended = [c["additionalProperties"] for c in choices if c.get("additionalProperties")]
        if key in properties:
            schema = properties[key]
        elif open_ended:
            schema = open_ended[0] if isinstance(open_ended[0], Mapping) else {}
        else:
            raise _unknown(path, depth, properties)
    return schema


def _unknown(path: list[str], depth: int, properties: Mapping[str, Any]) -> InvalidParameters:
    name, parent = ".".join(path[: depth + 1]), ".".join(path[:depth])
    if properties:
        detail = f"there is no parameter {name!r}; known: {', '.join(properties)}"
    else:
        detail = f"{parent!r} has no fields of its own; give it as JSON: {parent}=…"
    return InvalidParameters(detail, errors=((_pointer(path), detail),))


def _choices(root: Schema, schema: Schema) -> list[Schema]:
    """Return the alternatives of a schema, references followed."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _choices(root, root["$defs"][name])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return [found for choice in schema[union] for found in _choices(root, choice)]
    return [schema]


def _value(root: Schema, schema: Schema, texts: list[str], name: str) -> object:
    choices = _choices(root, schema)
    arrays = [choice for choice in choices if choice.get("type") == "array"]
    if arrays and not (len(texts) == 1 and texts[0].lstrip().startswith("[")):
        element = arrays[0].get("items", {})
        return [_scalar(_choices(root, element), text) for text in texts]
    if len(texts) > 1:
        detail = f"{name!r} is given {len(texts)} times; it takes one value"
        raise InvalidParameters(detail, errors=((_pointer(name.split(".")), detail),))
    return _scalar(choices, texts[0])


def _scalar(choices: list[Schema], text: str) -> object:
    if choices and all(choice.get("type") in ("string", "null") for choice in choices):
        return text
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        return text  # left to the model, whose error says what the parameter takes


def _put(parameters: dict[str, object], path: list[str], value: object) -> None:
    inner: object = parameters
    for key in path[:-1]:
        if isinstance(inner, dict):
            inner = inner.setdefault(key, {})
    if not isinstance(inner, dict) or path[-1] in inner:
        detail = f"{'.'.join(path)!r} is given twice, as a whole and in part"
        raise InvalidParameters(detail, errors=((_pointer(path), detail),))
    inner[path[-1]] = value


def _pointer(path: list[str]) -> str:
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)
