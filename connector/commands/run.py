"""`retusche run`: one step over files and folders."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.commands.console import (
    FAILED,
    INTERRUPTED,
    complain,
    environment,
    reported,
    stderr,
    understood,
)

if TYPE_CHECKING:
    from connector.batch.running import Batch, Outcome
    from connector.batch.sources import Found

OUTPUT = Path("retusche-output")


def run(
    step: Annotated[str, typer.Argument(help="A step's name; see `retusche steps`.")],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Pictures, and folders of them; none for a step that needs none.", exists=True
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the results.", file_okay=False)
    ] = OUTPUT,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="NAME=VALUE",
            help="A parameter: classes=person,face or thresholds.person=0.3 or "
            "keepZones='[{\"rectangle\":[0,0,0.5,1]}]'. See `retusche describe STEP`.",
        ),
    ] = None,
    *,
    parts: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            "-p",
            metavar="ROLE=PATH",
            help="A part beside the picture: mask=masks/ or style=painting.jpg. "
            "A file goes with every picture; of a folder, NAME.mask.png or NAME.png with NAME.jpg.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same as --set seed=…")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON line per file on standard output.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Work again on what is done already.")
    ] = False,
) -> None:
    """Run a step on pictures and folders of them.

    Writes NAME.EXT, NAME.mask.png and NAME.report.json for each, in the same folders below the
    output folder; a step that needs no picture writes STEP.EXT. A second run goes on where the first
    one stopped. Exits 1 if any file failed.
    """
    from connector.batch.assignments import parameters_from
    from connector.batch.companions import companions_from
    from connector.batch.interrupt import Interrupt
    from connector.batch.running import Batch
    from connector.batch.sources import find, nothing
    from steps import registry

    with reported(), Interrupt() as interrupt:
        wanted = registry.steps().get(step)
        written = [*(assignments or []), *([] if seed is None else [f"seed={seed}"])]
        batch = Batch(
            step=wanted,
            given=parameters_from(wanted.parameters, written),
            environment=environment(),
            companions=companions_from(wanted, parts or []),
            force=force,
            is_cancelled=interrupt.is_wanted,
        )
        with understood():
            found = find(paths, output) if paths else nothing(wanted.name, output)
        outcomes = _work(batch, found, as_json=json)
    _conclude(outcomes, found, output, interrupted=interrupt.wanted)


def _work(batch: "Batch", found: "Found", *, as_json: bool) -> "list[Outcome]":
    from dataclasses import replace

    from connector.batch import progress

    outcomes: list[Outcome] = []
    with progress.Bars(len(found.sources), stderr()) as bars:
        for outcome in replace(batch, on_progress=bars.show).run(found.sources):
            bars.count(outcome)
            outcomes.append(outcome)
            if as_json:
                typer.echo(progress.as_json(outcome))
    return outcomes


def _conclude(
    outcomes: "list[Outcome]", found: "Found", output: Path, *, interrupted: bool
) -> None:
    """Say what became of the files, and exit with what that means."""
    console = stderr()
    counts = Counter(outcome.status for outcome in outcomes)
    told = [f"{counts['finished']} finished"]
    if counts["skipped"]:
        told.append(f"{counts['skipped']} were done already")
    if found.left_out:
        told.append(f"{found.left_out} left out, no pictures by their names")
    if counts["failed"]:
        told.append(f"{counts['failed']} failed")
    console.print(f"{', '.join(told)}; results are in {output}", markup=False)
    for outcome in outcomes:
        if outcome.status == "failed":
            complain(f"{outcome.source.path}: {outcome.detail} ({outcome.code})")
    if interrupted:
        left = len(found.sources) - sum(counts.values()) + counts["cancelled"]
        console.print(f"interrupted with {left} to go; the same command goes on from here")
        raise typer.Exit(INTERRUPTED)
    if counts["failed"]:
        raise typer.Exit(FAILED)
    if not found.sources:
        complain("there is no picture in what was named")
        raise typer.Exit(FAILED)
