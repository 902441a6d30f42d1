"""Progress bars of downloads."""

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)


class Downloads:
    """One bar per download on a terminal; one line per download elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Downloads":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def show(self, label: str, done: int, total: int) -> None:
        """Take a report of `steps.weights.pull_all`."""
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(label, total=total)
            if not self._console.is_terminal:
                self._console.print(f"downloading {label} ({total / 1e6:.1f} MB)", markup=False)
        self._bars.update(self._tasks[label], completed=done, total=total)
