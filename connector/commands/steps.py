"""`retusche steps` and `retusche describe`: what can be run here, and with which parameters."""

import json as json_module
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from connector.commands.console import environment, reported, stdout, table

if TYPE_CHECKING:
    from rich.table import Table

    from steps.contract import AnyStep
    from steps.environment import Environment


def steps() -> None:
    """List the steps of this installation."""
    from steps import registry

    found = table("step", "version", "what it does")
    for step in registry.steps().all():
        found.add_row(step.name, step.version, escape(step.summary))
    stdout().print(found)


def describe(
    step: Annotated[str, typer.Argument(help="A step's name; see `retusche steps`.")],
    json: Annotated[bool, typer.Option("--json", help="The parameters as JSON Schema.")] = False,
) -> None:
    """Describe a step: its parameters, what it takes, and the backends that it can use."""
    from steps import registry

    with reported():
        found = registry.steps().get(step)
        if json:
            schema = found.parameters.model_json_schema(by_alias=True)
            typer.echo(json_module.dumps(schema, indent=2, ensure_ascii=False))
        else:
            _print(found, environment())


def _print(step: "AnyStep", here: "Environment") -> None:
    from connector.commands.parameters import objects, rows

    console = stdout()
    console.print(f"[bold]{step.name}[/] {step.version}: {escape(step.summary)}\n")
    for taken in step.inputs:
        need = "needed" if taken.required else "optional"
        console.print(f"takes: {taken.role.value} ({need}): {escape(taken.description)}")
    schema = step.parameters.model_json_schema(by_alias=True)
    console.print(_fields("parameter", rows(schema, schema)))
    for name, inner in objects(schema):
        console.print(_fields(f"field of {name}", rows(schema, inner)))
    if step.capabilities:
        console.print(_backends(step, here))


def _fields(first: str, fields: "list[tuple[str, str, str, str]]") -> "Table":
    rows = table(first, "takes", "default", "meaning")
    for cells in fields:
        rows.add_row(*(escape(cell) for cell in cells))
    return rows


def _backends(step: "AnyStep", here: "Environment") -> "Table":
    from steps.backends.contract import Capability
    from steps.backends.registry import availability, backend_classes

    rows = table("backend", "for", "licence", "can be used", "what it is")
    for capability in step.capabilities:
        for backend in backend_classes(Capability(capability)):
            known = backend.descriptor
            state = availability(known, here)
            usable = "yes" if state.usable else f"no: {state.reason}"
            cells = (known.name, capability, known.licence, usable, known.summary)
            rows.add_row(*(escape(cell) for cell in cells))
    return rows
