"""`retusche demo`: no person is left in a real photo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.commands.console import (
    FAILED,
    complain,
    environment,
    reported,
    stderr,
    stdout,
    understood,
)

if TYPE_CHECKING:
    from connector.batch.running import Outcome
    from steps.contract import Report
    from steps.environment import Environment

STEP, PHOTO = "anonymize", "photo-bus"
GROUPS = ("upscale", "style-transfer")
"""Steps whose weights are not among the demo's first ones, so that its first picture comes sooner."""


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the result.", file_okay=False)
    ] = Path("demo-output"),
    *,
    tour: Annotated[
        bool, typer.Option(help="Show the other steps too, and lay all results on one sheet.")
    ] = True,
) -> None:
    """Anonymize a real photo, say where the result, the mask and the report are, then show the other steps.

    Fetches the weights first where they are missing.
    """
    from connector.batch.progress import Bars
    from connector.batch.running import Batch
    from connector.batch.sources import find
    from steps import registry, weights

    with reported():
        here = environment()
        _pull("demo", here)
        photo = weights.path(PHOTO, here)
        with understood():
            found = find([photo], output)
        with Bars(len(found.sources), stderr()) as bars:
            batch = Batch(
                step=registry.steps().get(STEP),
                given={},
                environment=here,
                force=True,
                on_progress=bars.show,
            )
            (outcome,) = batch.run(found.sources)
    if outcome.status != "finished" or outcome.report is None:
        complain(f"{outcome.source.path}: {outcome.detail} ({outcome.code})")
        raise typer.Exit(FAILED)
    _print(outcome, outcome.report)
    if tour:
        with reported():
            _tour(photo, outcome.files["result"], output, here)


def _pull(group: str, here: "Environment") -> None:
    from connector.commands.downloads import Downloads
    from connector.commands.models import allowed, select
    from steps import weights

    names = [each.name for each in allowed(select(None, group, every=False), here)]
    with Downloads(stderr()) as downloads:
        weights.pull_all(names, here, downloads.show)


def _tour(photo: Path, anonymized: Path, output: Path, here: "Environment") -> None:
    """Take the anonymized photo through the other steps."""
    from connector.commands.tour import sheet, stops, take
    from steps.imaging.decode import decode

    pictures = [("the photo", photo), ("anonymize", anonymized)]
    content = anonymized.read_bytes()
    for stop in stops(decode(content).pages[0].size):
        if stop.step in GROUPS:
            _pull(stop.step, here)
        with stderr().status(f"{stop.step} …"):
            pictures.append((stop.says, take(stop, content, here, output)))
        stdout().print(f"{stop.step:<14} {pictures[-1][1]}", markup=False, soft_wrap=True)
    path = output / "contact-sheet.jpg"
    path.write_bytes(sheet(pictures))
    stdout().print(f"{'all of them':<14} {path}", markup=False, soft_wrap=True)


def _print(outcome: "Outcome", report: "Report") -> None:
    console = stdout()
    console.print(f"source  {outcome.source.path}", markup=False, soft_wrap=True)
    for role, path in outcome.files.items():
        console.print(f"{role:<7} {path}", markup=False, soft_wrap=True)
    console.print(summary(report, outcome.seconds), soft_wrap=True)


def summary(report: "Report", seconds: float) -> str:
    """Return one line on what an anonymization did."""
    from steps.anonymize.report import AnonymizeReport

    if not isinstance(report, AnonymizeReport):
        raise TypeError(f"the step {STEP!r} gave a {type(report).__name__}")
    rounds = max(len(page.rounds) for page in report.pages)
    difference = max(page.largest_difference_outside_mask for page in report.pages)
    left = sum(len(page.residual) for page in report.pages)
    return (
        f"{_count(report.found, 'person', 'people')} removed in {_count(rounds, 'round', 'rounds')}, "
        f"{left} still detected ({report.verdict}); largest difference outside the mask {difference} "
        f"of 255; {seconds:.1f} s with loading"
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
