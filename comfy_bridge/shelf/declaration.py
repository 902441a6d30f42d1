"""What the file NAME.yaml says of the workflow NAME.api.json beside it."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from steps.contract import PartType, Role, Wire

Scalar = bool | int | float | str
Path = Annotated[str, Field(pattern=r"^[^.]+\..+$")]
""""NODE.INPUT": the id of a node in the API format, and the name of one of its inputs."""
InputName = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]{0,63}$")]
LONGEST_TEXT = 10_000
"""Characters of a text where the declaration says nothing else."""


def _as_list(given: object) -> object:
    return [given] if isinstance(given, str) else given


Paths = Annotated[tuple[Path, ...], BeforeValidator(_as_list), Field(min_length=1)]


class InputDeclaration(Wire):
    """A parameter of the workflow: which widgets it sets, and what it may be."""

    paths: Paths
    """The widgets; all get the same value."""
    type: Literal["string", "integer", "number", "boolean"]
    description: str = ""
    default: Scalar | None = None
    """Left out: the value that the workflow's file has, unless `required`."""
    required: bool = False
    """Whether a caller has to give it."""
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: Annotated[float, Field(gt=0)] | None = None
    choices: tuple[Scalar, ...] = ()
    """Accepted values; empty: every one within the bounds."""
    max_length: Annotated[int, Field(ge=1)] = LONGEST_TEXT
    """Characters of a text."""

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        numeric = self.type in ("integer", "number")
        if not numeric and (self.minimum, self.maximum, self.multiple_of) != (None, None, None):
            raise ValueError(f"a {self.type} has no minimum, maximum or multipleOf")
        if self.required and self.default is not None:
            raise ValueError("a required input has no default")
        return self


class OutputDeclaration(Wire):
    """A node whose pictures are results."""

    node: str
    """Id of a node that saves or previews pictures."""
    type: PartType = PartType.BASE_PART
    """BASE_PART: the result. META: something beside it."""
    role: Role = Role.SOURCE
    label: str = ""
    """Put into the file's name: "depth" makes kitchen.depth.png."""


class Declaration(Wire):
    """All of it."""

    title: str
    summary: str = ""
    licence: str = "not declared"
    """Of the models that the workflow uses, as far as the operator knows: an SPDX name."""
    parts: dict[Role, Paths] = Field(default_factory=dict)
    """By role: the widgets of the nodes that load the part's picture (LoadImage, LoadImageMask)."""
    inputs: dict[InputName, InputDeclaration] = Field(default_factory=dict)
    seed: Annotated[tuple[Path, ...], BeforeValidator(_as_list)] = ()
    """Widgets that get the step's seed."""
    outputs: Annotated[tuple[OutputDeclaration, ...], Field(min_length=1)]
    timeout_seconds: Annotated[float, Field(gt=0, le=86_400)] = 600.0
    """From the prompt's start to its end."""

    @model_validator(mode="after")
    def _has_a_result(self) -> Self:
        if all(output.type is PartType.META for output in self.outputs):
            raise ValueError("one of the outputs must be a BASE_PART: the result")
        nodes = [output.node for output in self.outputs]
        if len(set(nodes)) < len(nodes):
            raise ValueError("a node is declared as an output twice")
        return self
