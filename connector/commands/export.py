"""`retusche export`: what other systems need to know of this service, as their own files."""

from pathlib import Path
from typing import Annotated

import typer

from connector.commands.console import MISUSED, complain, reported, stdout

app = typer.Typer(
    no_args_is_help=True, help="Files for other systems that are to call this service."
)


@app.callback()
def export() -> None:
    """Keep `jadice` a command of its own although it is the only one."""


@app.command()
def jadice(
    output: Annotated[
        Path, typer.Option(help="Folder to write to; made if it is not there.")
    ] = Path("jadice-flow"),
    url: Annotated[
        str, typer.Option(help="Where the controller reaches this service.")
    ] = "http://localhost:8000",
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there.")
    ] = False,
) -> None:
    """Write workers.yaml and jobtemplates.yaml of a jadice flow controller, with an entry for every step.

    The controller reads one file of each kind: move the entries into the ones that it has.
    """
    from connector.jadice.export import files
    from steps import registry

    if not url.startswith(("http://", "https://")):
        complain(f"--url: {url!r} is no address; accepted: http://host:port or https://host")
        raise typer.Exit(MISUSED)
    with reported():
        made = files(registry.steps().all(), url)
    there = [str(output / name) for name in made if (output / name).exists()]
    if there and not force:
        complain(f"{', '.join(there)}: there already; choose another --output, or add --force")
        raise typer.Exit(MISUSED)
    output.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (output / name).write_text(text, encoding="utf-8")
        stdout().print(str(output / name), soft_wrap=True)
