"""The chain of steps that a caller asks for, checked where a mistake costs no worker's time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.jobs.model import StepCall
from connector.jobs.templates import Template, TemplateStep
from connector.submit.rejected import Errors, Rejected, at
from connector.submit.requests import JobHead
from steps import validation
from steps.contract import AnyStep, Role
from steps.errors import InvalidParameters, UnknownStep
from steps.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Steps in their order, and what they take together."""

    calls: tuple[StepCall, ...]
    accepted: frozenset[Role]
    """Roles that some step works on."""
    required: Mapping[Role, str]
    """Roles that an item must bring, with the name of the step that needs them."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the steps."""
        return tuple(call.step for call in self.calls)


def chain_of(
    head: JobHead, templates: Mapping[str, Template], registry: Registry
) -> tuple[Chain, Template | None]:
    """Return the chain of a job, and the template that names it, if one does.

    Raises:
        Rejected: "request-invalid" or "parameters-invalid", with every field at fault.
    """
    if (head.steps is None) == (head.template is None):
        detail = "exactly one of `steps` and `template` is needed"
        raise Rejected("request-invalid", detail, errors=(("/steps", detail),))
    if head.template is None:
        return checked(head.steps or (), registry), None
    template = templates.get(head.template)
    if template is None:
        known = ", ".join(sorted(templates)) or "none"
        raise at("/template", f"there is no template {head.template!r}; known: {known}")
    return checked(template.steps, registry), template


def checked(steps: Sequence[TemplateStep], registry: Registry) -> Chain:
    """Return steps as a chain.

    Raises:
        Rejected: "request-invalid" (an unknown step) or "parameters-invalid".
    """
    found: list[AnyStep] = []
    errors: Errors = ()
    for index, call in enumerate(steps):
        try:
            step = registry.get(call.step)
        except UnknownStep as error:
            raise at(f"/steps/{index}/step", error.detail) from None
        found.append(step)
        try:
            validation.parameters_of(step, call.parameters)
        except InvalidParameters as error:
            prefix = f"/steps/{index}/parameters"
            errors += tuple((prefix + pointer, detail) for pointer, detail in error.errors)
    if errors:
        detail = "; ".join(f"{pointer}: {text}" for pointer, text in errors)
        raise Rejected("parameters-invalid", detail, errors=errors)
    return Chain(
        calls=tuple(call.call() for call in steps),
        accepted=frozenset(wanted.role for step in found for wanted in step.inputs),
        required=_required(found),
    )


def _required(steps: Sequence[AnyStep]) -> dict[Role, str]:
    """Return the roles that an item must bring, with the first step that needs each.

    Behind a step that takes no source, sources are what it made.
    """
    found: dict[Role, str] = {}
    made = False
    for step in steps:
        for wanted in step.inputs:
            if wanted.required and not (made and wanted.role is Role.SOURCE):
                found.setdefault(wanted.role, step.name)
        made = made or all(wanted.role is not Role.SOURCE for wanted in step.inputs)
    return found
