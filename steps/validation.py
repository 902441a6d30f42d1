"""Parameters as a caller writes them, turned into a step's model or into errors a caller can act on."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from steps.contract import AnyStep, Parameters
from steps.errors import InvalidParameters

M = TypeVar("M", bound=BaseModel)

_SHOWN = 60
"""Characters of a wrong value that an error repeats; values may be whole pictures."""


def parameters_of(step: AnyStep, given: Mapping[str, object]) -> Parameters:
    """Return the step's parameters from wire names (camelCase) or Python names (snake_case).

    Raises:
        InvalidParameters: with one (JSON pointer, detail) for every fault.
    """
    parameters: Parameters = validate(step.parameters, given)
    return parameters


def validate(model: type[M], given: Mapping[str, object]) -> M:
    """Return the model made from `given`.

    Raises:
        InvalidParameters: with one (JSON pointer, detail) for every fault.
    """
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        faults = tuple(
            (pointer(fault["loc"]), _detail(model, fault))
            for fault in error.errors(include_url=False)
        )
        raise InvalidParameters(
            "; ".join(f"{path or '/'}: {detail}" for path, detail in faults),
            pointer=faults[0][0],
            errors=faults,
        ) from None


def pointer(location: tuple[int | str, ...]) -> str:
    """Return the JSON pointer (RFC 6901) of a place, e.g. ("keepZones", 0) → "/keepZones/0"."""
    # pydantic marks a wrong key of a mapping by a last step "[key]"; the key itself comes before.
    steps = location[:-1] if location and location[-1] == "[key]" else location
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _detail(model: type[BaseModel], fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1:
        known = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return f"there is no parameter {fault['loc'][0]!r}; known: {known}"
    text = fault["msg"]
    if fault["type"] == "missing":
        return text
    shown = repr(fault["input"])
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}…"
    return f"{text}; given: {shown}"
