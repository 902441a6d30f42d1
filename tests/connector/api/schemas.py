"""The committed document, and whether something fits one of its schemas."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

COMMITTED = Path(__file__).parents[3] / "openapi" / "openapi.json"


@cache
def _components() -> dict[str, Any]:
    components: dict[str, Any] = json.loads(COMMITTED.read_text())["components"]
    return components


def problems_of(value: object, schema: dict[str, Any]) -> list[str]:
    """Return where a JSON value does not fit a schema whose references lead into the document."""
    whole = {**schema, "components": _components()}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [
        f"/{'/'.join(map(str, fault.instance_path))}: {fault.message}"
        for fault in validator.iter_errors(value)
    ]
