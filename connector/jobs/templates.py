"""Named pipelines from the operator's own file; a template that cannot work stops the service at its start.

templates:
  clean:
    description: People removed, then twice the size
    steps:
      - {step: anonymize, parameters: {classes: [person]}}
      - {step: upscale, parameters: {factor: 2}, onFailure: skip}
    output: {mimeType: image/jpeg, quality: 92}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, JsonValue, ValidationError

from connector.jobs.model import OnFailure, StepCall
from connector.output import OutputOptions
from steps import validation
from steps.contract import Wire
from steps.errors import InvalidParameters, UnknownStep
from steps.registry import Registry

MAX_STEPS = 16
"""Steps of one chain: far more than anybody chains, few enough that a report stays readable."""


class TemplatesInvalid(ValueError):
    """The file cannot be used; the message names the file, the template and the field."""


class TemplateStep(Wire):
    """One step of a pipeline."""

    step: str
    """Name of the step."""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """The step's parameters; their schema is in the step's description."""
    on_failure: OnFailure = "fail"
    """"fail": the item fails; "skip": it goes on with what the step was given."""
    keep: bool = False
    """Whether the result is kept as a META part where another step follows."""

    def call(self) -> StepCall:
        """Return it as a job holds it."""
        return StepCall(
            step=self.step,
            parameters=self.parameters,
            on_failure=self.on_failure,
            keep=self.keep,
        )


class Template(Wire):
    """A named pipeline."""

    description: str = ""
    """One sentence for people."""
    steps: Annotated[tuple[TemplateStep, ...], Field(min_length=1, max_length=MAX_STEPS)]
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    """Of jobs that name none."""
    output: OutputOptions = OutputOptions()
    """Of jobs that name none."""


class _File(Wire):
    templates: dict[str, Template]


def load(path: Path, registry: Registry) -> Mapping[str, Template]:
    """Read a file of templates.

    Args:
        path: YAML: `templates:` and, by name, what `Template` says, in camelCase.
        registry: knows the steps and their parameters.

    Raises:
        TemplatesInvalid: it cannot be read, or a template could never work; every fault is named.
    """
    try:
        given = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise TemplatesInvalid(f"{path}: {error.strerror or error}") from None
    except yaml.YAMLError as error:
        raise TemplatesInvalid(f"{path} is no YAML: {error}") from None
    try:
        found = _File.model_validate(given)
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        ]
        raise TemplatesInvalid("\n".join(faults)) from None
    faults = [
        f"{path}: templates.{name}.{fault}"
        for name, template in found.templates.items()
        for fault in _faults(template, registry)
    ]
    if faults:
        raise TemplatesInvalid("\n".join(faults))
    return found.templates


def _faults(template: Template, registry: Registry) -> list[str]:
    faults = []
    for index, call in enumerate(template.steps):
        try:
            validation.parameters_of(registry.get(call.step), call.parameters)
        except UnknownStep as error:
            faults.append(f"steps.{index}.step: {error.detail}")
        except InvalidParameters as error:
            faults += [
                f"steps.{index}.parameters{pointer.replace('/', '.')}: {detail}"
                for pointer, detail in error.errors
            ]
    return faults
