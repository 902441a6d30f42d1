"""What a person sees of a batch: two bars while it runs, and what is to be said at its end."""

import json
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from connector.batch.running import Outcome
from connector.batch.sources import Source


class _Throughput(ProgressColumn):
    """Pictures per minute, of those that were worked on."""

    def render(self, task: Task) -> Text:
        done, elapsed = task.fields.get("worked", 0), task.elapsed
        if not done or not elapsed:
            return Text("")
        return Text(f"{60 * done / elapsed:.1f}/min", style="progress.data.speed")


class Bars:
    """Progress of a batch on a terminal's standard error; silent where that is no terminal."""

    def __init__(self, total: int, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Throughput(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._all = self._bars.add_task("pictures", total=total, worked=0)
        self._worked = 0
        # The second bar shows one picture, in hundredths.
        self._one = self._bars.add_task("", total=100, visible=False)

    def __enter__(self) -> "Bars":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def show(self, source: Source, fraction: float, message: str) -> None:
        """Show how far one picture is (0..1)."""
        text = escape(f"{source.path.name}: {message}" if message else source.path.name)
        self._bars.update(
            self._one, completed=round(100 * fraction), description=text, visible=True
        )

    def count(self, outcome: Outcome) -> None:
        """Count a picture that is through."""
        self._worked += outcome.status in ("finished", "failed")
        self._bars.update(self._all, advance=1, worked=self._worked)


def as_json(outcome: Outcome) -> str:
    """Return one line for a program."""
    line: dict[str, object] = {
        "source": str(outcome.source.path),
        "status": outcome.status,
        "seconds": round(outcome.seconds, 3),
        "files": {role: str(path) for role, path in outcome.files.items()},
    }
    if outcome.code is not None:
        line["error"] = {"code": outcome.code, "detail": outcome.detail}
    return json.dumps(line, ensure_ascii=False)
