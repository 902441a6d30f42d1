"""`retusche openapi`: the contract of the HTTP interface as a file, and whether a file still is it."""

from pathlib import Path
from typing import Annotated

import typer

from connector.commands.console import FAILED, MISUSED, complain, understood


def openapi(
    output: Annotated[
        Path | None, typer.Option(help="File to write, or to check; left out: standard output.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file is stale.")
    ] = False,
    installed: Annotated[
        bool, typer.Option("--installed", help="With the steps that plug-ins add on this machine.")
    ] = False,
) -> None:
    """Write the OpenAPI document; needs no server and no database."""
    if check and output is None:
        complain("--check needs --output: which file?")
        raise typer.Exit(MISUSED)
    made = _made(installed)
    if output is None:
        typer.echo(made, nl=False)
    elif not check:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(made, encoding="utf-8")
    elif not output.is_file() or output.read_text(encoding="utf-8") != made:
        complain(f"{output} is stale; write it again: retusche openapi --output {output}")
        raise typer.Exit(FAILED)


def _made(installed: bool) -> str:
    from connector.api import document
    from steps import registry

    with understood():
        return document.text(document.document(registry.steps() if installed else registry.build()))
