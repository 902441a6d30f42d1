"""A workflow's declared inputs as a pydantic model: the one source of schema, defaults and checks."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from comfy_bridge.client.graph import Graph
from comfy_bridge.shelf.api_format import value_at
from comfy_bridge.shelf.declaration import Declaration, InputDeclaration
from comfy_bridge.shelf.errors import WorkflowInvalid

_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool}


class Inputs(BaseModel):
    """Base: the declared names are aliases, so that none can be a name of pydantic's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def inputs_model(name: str, declaration: Declaration, graph: Graph) -> type[Inputs]:
    """Return the model of a workflow's inputs.

    Args:
        name: of the workflow, e.g. "upscale-4k"; the model is Upscale4kInputs.
        declaration: names the inputs.
        graph: has the values that are the defaults.

    Raises:
        WorkflowInvalid: a default does not fit its own bounds.
    """
    fields: dict[str, Any] = {
        f"input_{key}": _field(key, each, graph) for key, each in declaration.inputs.items()
    }
    title = "".join(word.capitalize() for word in name.split("-")) + "Inputs"
    model: type[Inputs] = create_model(title, __base__=Inputs, **fields)
    _check_defaults(model, declaration)
    return model


def _field(name: str, declared: InputDeclaration, graph: Graph) -> tuple[Any, Any]:
    kind: Any = Literal[declared.choices] if declared.choices else _TYPES[declared.type]
    bounds: dict[str, Any] = {}
    if not declared.choices:
        bounds = {
            "ge": declared.minimum,
            "le": declared.maximum,
            "multiple_of": declared.multiple_of,
            "max_length": declared.max_length if declared.type == "string" else None,
        }
    whole = declared.type == "integer"
    used: dict[str, Any] = {
        key: int(bound) if whole else bound for key, bound in bounds.items() if bound is not None
    }
    default = ... if declared.required else _default(declared, graph)
    return (
        Annotated[kind, Field(**used)],
        Field(default, alias=name, description=declared.description or None),
    )


def _default(declared: InputDeclaration, graph: Graph) -> Any:
    given = declared.default
    return value_at(graph, declared.paths[0]) if given is None else given


def _check_defaults(model: type[Inputs], declaration: Declaration) -> None:
    try:
        model.model_validate({})
    except ValidationError as error:
        for fault in error.errors():
            name = str(fault["loc"][0])
            if fault["type"] != "missing" or not declaration.inputs[name].required:
                raise WorkflowInvalid(
                    f"inputs.{name}: the default {fault['input']!r} does not fit: {fault['msg']}"
                ) from None
