"""`retusche flow`: hand pictures to a jadice flow controller, and fetch what it makes of them."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from connector.commands.comfy import needs_extra
from connector.commands.console import FAILED, MISUSED, complain, stderr

if TYPE_CHECKING:
    from comfy_bridge.flow import FlowController, FlowPart

app = typer.Typer(no_args_is_help=True, help="Jobs of a jadice flow controller.")

Controller = Annotated[
    str, typer.Option(envvar="RETUSCHE_FLOW_URL", help="Base address of the controller.")
]
Token = Annotated[
    str, typer.Option(envvar="RETUSCHE_FLOW_TOKEN", help="Bearer token, where it asks for one.")
]


@app.command()
def templates(controller: Controller, token: Token = "") -> None:
    """List the controller's job templates."""
    with _opened(controller, token) as flow:
        for name in flow.template_names():
            typer.echo(name)


@app.command()
def submit(
    urls: Annotated[
        list[str], typer.Argument(help="Addresses that the controller's workers can fetch.")
    ],
    controller: Controller,
    template: Annotated[str, typer.Option(help="Name of a job template.")],
    token: Token = "",
    priority: Annotated[int, typer.Option(help="Higher first.")] = 0,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for the end; 0: do not.")
    ] = 600,
    output: Annotated[Path | None, typer.Option(help="Folder for the result's files.")] = None,
) -> None:
    """Create a job of one item for each address, wait for it, and print or fetch its result.

    Local files have no address: `POST /v1/files` of a service gives them one (`contentUrl`).
    """
    wrong = [url for url in urls if urlsplit(url).scheme not in ("http", "https")]
    if wrong:
        complain(f"{wrong[0]!r} is no address; upload it first: POST /v1/files gives a contentUrl")
        raise typer.Exit(MISUSED)
    with _opened(controller, token) as flow:
        job = flow.create(template, [[_part(url)] for url in urls], priority)
        stderr().print(f"job {job.number}: {job.status}", markup=False)
        if not wait:
            typer.echo(job.number)
            return
        flow.wait(
            job.number,
            wait,
            lambda seen: stderr().print(f"job {seen.number}: {seen.status}", markup=False),
        )
        for number, part in enumerate(flow.result(job.number), start=1):
            typer.echo(part.url if output is None else _fetched(part, output, number))


@contextmanager
def _opened(controller: str, token: str) -> "Iterator[FlowController]":
    needs_extra()
    from comfy_bridge.flow import FlowError, connected

    try:
        with connected(controller, token) as flow:
            yield flow
    except FlowError as error:
        complain(str(error))
        raise typer.Exit(FAILED) from error


def _part(url: str) -> "FlowPart":
    from comfy_bridge.flow import FlowPart

    name = PurePosixPath(urlsplit(url).path).name
    return FlowPart(url, name or "picture", mimetypes.guess_type(name)[0] or "image/*")


def _fetched(part: "FlowPart", folder: Path, number: int) -> Path:
    """Stream a result into a file that is there whole or not at all; the number keeps names apart."""
    import httpx

    folder.mkdir(parents=True, exist_ok=True)
    name = PurePosixPath(part.filename.replace("\\", "/")).name or "result"
    target = folder / f"{number}-{name}"
    partial = target.with_name(f"{target.name}.part")
    try:
        with httpx.stream("GET", part.url, timeout=60, follow_redirects=True) as answer:
            answer.raise_for_status()
            with partial.open("wb") as file:
                for chunk in answer.iter_bytes():
                    file.write(chunk)
        partial.rename(target)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        partial.unlink(missing_ok=True)
        complain(f"{part.url} cannot be fetched: {error}")
        raise typer.Exit(FAILED) from error
    return target
