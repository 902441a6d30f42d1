"""`retusche comfy`: the workflows that "comfy-workflow" can run, and the declaration of a new one."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from connector.commands.console import FAILED, MISUSED, complain, stderr, stdout, table

if TYPE_CHECKING:
    from comfy_bridge.client.graph import Graph

app = typer.Typer(no_args_is_help=True, help="Workflows for ComfyUI servers.")


def needs_extra() -> None:
    """Say what to install where this installation speaks to no other servers; exit 1."""
    missing = [name for name in ("httpx", "websockets") if find_spec(name) is None]
    if missing:
        complain(f"not installed: {', '.join(missing)}; install retusche[comfy]")
        raise typer.Exit(FAILED)


@app.command(name="list")
def list_workflows() -> None:
    """List the workflows of this installation, and why others cannot be used."""
    from comfy_bridge.shelf.shelf import open_shelf
    from comfy_bridge.step.settings import workflows_folder

    shelf = open_shelf(workflows_folder())
    rows = table("workflow", "takes", "what it does")
    for name, workflow in sorted(shelf.workflows.items()):
        takes = ", ".join(workflow.declaration.parts) or "nothing"
        rows.add_row(
            name, takes, escape(workflow.declaration.summary or workflow.declaration.title)
        )
    stdout().print(rows)
    for fault in shelf.faults.values():
        complain(fault)


@app.command()
def describe(
    workflow: Annotated[
        str, typer.Argument(help="A file NAME.api.json, or the name of a workflow; see `list`.")
    ],
    server: Annotated[
        str | None,
        typer.Option(help="A ComfyUI whose node classes give types, bounds and choices."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the inputs' JSON Schema, not the declaration.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write the declaration beside the file, as NAME.yaml.")
    ] = False,
) -> None:
    """Draft the declaration of a workflow, or show the one that it has.

    The draft has every widget as an input: take out what callers are not to set, and give names and descriptions.
    """
    from comfy_bridge.shelf.errors import WorkflowInvalid

    try:
        name, graph, declared = _declared(workflow, server)
        text = _schema(name, graph, declared) if schema else _yaml(declared)
    except (WorkflowInvalid, ValueError) as error:
        complain(str(error))
        raise typer.Exit(MISUSED) from error
    if write:
        _write(Path(workflow), text)
    else:
        typer.echo(text, nl=False)


def _declared(workflow: str, server: str | None) -> "tuple[str, Graph, dict[str, Any]]":
    """Return name, graph and declaration: drafted for a file, as it is for a named workflow."""
    from comfy_bridge.shelf.api_format import parse
    from comfy_bridge.shelf.draft import drafted
    from comfy_bridge.shelf.shelf import open_shelf
    from comfy_bridge.shelf.workflow import API_SUFFIX
    from comfy_bridge.step.settings import workflows_folder

    file = Path(workflow)
    if not file.is_file():
        found = open_shelf(workflows_folder()).get(workflow)
        dumped = found.declaration.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return found.name, found.graph, dumped
    name = file.name.removesuffix(API_SUFFIX).removesuffix(".json")
    graph = parse(file.read_bytes(), file.name)
    known = _classes(server) if server else None
    return name, graph, drafted(graph, name.replace("-", " ").capitalize(), known)


def _classes(server: str) -> dict[str, Any]:
    import asyncio

    needs_extra()
    from comfy_bridge.client.errors import ComfyError
    from comfy_bridge.client.server import connected

    async def ask() -> dict[str, Any]:
        async with connected(server) as opened:
            return await opened.object_info()

    try:
        return asyncio.run(ask())
    except ComfyError as error:
        complain(str(error))
        raise typer.Exit(FAILED) from error


def _schema(name: str, graph: "Graph", declared: dict[str, Any]) -> str:
    from comfy_bridge.shelf.declaration import Declaration
    from comfy_bridge.shelf.inputs import inputs_model

    model = inputs_model(name, Declaration.model_validate(declared), graph)
    return json.dumps(model.model_json_schema(by_alias=True), indent=2, ensure_ascii=False) + "\n"


def _yaml(declared: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(declared, sort_keys=False, allow_unicode=True, width=110)


def _write(workflow: Path, text: str) -> None:
    from comfy_bridge.shelf.workflow import API_SUFFIX, DECLARATION_SUFFIX

    if not workflow.name.endswith(API_SUFFIX):
        complain(f"only a file NAME{API_SUFFIX} gets a declaration beside it")
        raise typer.Exit(MISUSED)
    target = workflow.with_name(workflow.name.removesuffix(API_SUFFIX) + DECLARATION_SUFFIX)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        complain(f"{target} is there already")
        raise typer.Exit(MISUSED) from error
    stderr().print(f"wrote {target}", markup=False)
