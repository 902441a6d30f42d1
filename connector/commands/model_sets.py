"""What `retusche models` says of model sets: what each step uses here and why, and each model's state."""

from typing import TYPE_CHECKING

from rich.markup import escape

from connector.commands.console import table

if TYPE_CHECKING:
    from rich.table import Table

    from steps.backends.contract import Capability
    from steps.environment import Environment
    from steps.models import Model


def uses(here: "Environment") -> "Table":
    """Return, for each step and capability, the backend that "auto" takes, and why not a better one."""
    from steps import registry
    from steps.backends.contract import Capability

    rows = table("step", "for", "uses", "licence", "why")
    for step in registry.steps().all():
        for capability in step.capabilities:
            rows.add_row(step.name, capability, *map(escape, _use(Capability(capability), here)))
    return rows


def models(here: "Environment") -> "Table":
    """Return every model of the model sets."""
    from steps.models import catalogue

    rows = table("model", "backend", "licence", "state", "source", "what it is")
    for model in catalogue(here):
        licence = model.licence if model.commercial else f"{model.licence} (not commercial)"
        cells = (model.backend, licence, _state(model, here), str(model.source), model.summary)
        rows.add_row(model.name, *(escape(cell) for cell in cells))
    return rows


def _use(capability: "Capability", here: "Environment") -> tuple[str, str, str]:
    from steps.backends import registry
    from steps.errors import BackendError

    try:
        choice = registry.choose(capability, "auto", here)
    except BackendError as error:
        return "nothing", "", error.detail
    descriptor = choice.kind.descriptor
    name, licence = descriptor.name, descriptor.licence
    if choice.model is not None:
        name, licence = f"{name}/{choice.model.name}", choice.model.licence
    return name, licence, _why(capability, descriptor.rank_here(here), here)


def _why(capability: "Capability", rank: int, here: "Environment") -> str:
    """Say what keeps the better ones from being taken."""
    from steps.backends import registry

    better = [
        kind.descriptor
        for kind in registry.backend_classes(capability)
        if kind.descriptor.rank_here(here) > rank
    ]
    if not better:
        return "the best that there is"
    reasons = {each.name: registry.availability(each, here).reason or "" for each in better}
    return "; ".join(f"not {name}: {_short(reason)}" for name, reason in reasons.items())


def _state(model: "Model", here: "Environment") -> str:
    from steps.errors import WeightsMissing
    from steps.models import problem_with

    problem = problem_with(model, here)
    if problem is None:
        return "here"
    return "missing" if isinstance(problem, WeightsMissing) else "not allowed"


def _short(reason: str) -> str:
    return reason.partition(";")[0]
