"""The parameters of "comfy-workflow": which workflow, and its own inputs, checked by its declaration."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    create_model,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from comfy_bridge.shelf.errors import WorkflowInvalid
from comfy_bridge.shelf.inputs import Inputs
from comfy_bridge.shelf.shelf import Shelf
from steps.contract import Parameters


class WorkflowParameters(Parameters):
    """What every installation's parameters have in common."""

    workflow: str
    """Name of the workflow."""
    inputs: SerializeAsAny[Inputs] = Field(default_factory=Inputs)
    """Inputs of the workflow."""


def parameters_of(shelf: Shelf) -> type[WorkflowParameters]:
    """Return the parameters of an installation: its JSON Schema names every workflow and its inputs."""
    names = sorted(shelf.workflows)
    models = [shelf.workflows[name].inputs for name in names]
    union: Any = reduce(or_, models) if models else Inputs

    def known(name: str) -> str:
        try:
            return shelf.get(name).name
        except WorkflowInvalid as error:
            raise PydanticCustomError("workflow_unknown", "{text}", {"text": str(error)}) from None

    def fitting(given: Any, info: ValidationInfo) -> Any:
        name = info.data.get("workflow")
        if name is None:  # that is the fault, and reported; nothing more can be said of the inputs
            return (models[0] if models else Inputs).model_construct()
        return _checked(shelf.get(name).inputs, given)

    model: type[WorkflowParameters] = create_model(
        "ComfyWorkflowParameters",
        __base__=WorkflowParameters,
        __doc__="Which workflow to run, with which inputs.",
        workflow=(
            Annotated[str, AfterValidator(known)],
            Field(description="Name of the workflow.", json_schema_extra={"enum": list(names)}),
        ),
        inputs=(
            Annotated[union, BeforeValidator(fitting)],
            Field(
                default_factory=dict,
                validate_default=True,
                description="Inputs of the workflow; each workflow has its own.",
            ),
        ),
    )
    model.model_config = ConfigDict(
        **{**model.model_config, "json_schema_extra": {"allOf": _conditions(shelf, names)}}
    )
    model.model_rebuild(force=True)
    return model


def _conditions(shelf: Shelf, names: list[str]) -> list[Any]:
    """Say in JSON Schema which inputs belong to which workflow."""
    return [
        {
            "if": {"properties": {"workflow": {"const": name}}},
            "then": {"properties": {"inputs": _schema(shelf.workflows[name].inputs)}},
        }
        for name in names
    ]


def _schema(model: type[Inputs]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _checked(model: type[Inputs], given: Any) -> Any:
    """Return the inputs as their model; pydantic puts a ValidationError's places below "inputs"."""
    if isinstance(given, Mapping):
        known = {field.alias for field in model.model_fields.values()}
        unknown = [name for name in given if name not in known]
        if unknown:
            raise ValidationError.from_exception_data(
                model.__name__, [_unknown(name, given[name], known) for name in unknown]
            )
    return model.model_validate(given)


def _unknown(name: str, value: object, known: set[str | None]) -> InitErrorDetails:
    text = f"there is no input {name!r}; known: {', '.join(sorted(filter(None, known))) or 'none'}"
    error = PydanticCustomError("input_unknown", "{text}", {"text": text})
    return InitErrorDetails(type=error, loc=(name,), input=value)
