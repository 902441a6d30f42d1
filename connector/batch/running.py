"""One step over many files, each on its own: what fails is noted and the next one is tried."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from connector.batch import results
from connector.batch.companions import Companions
from connector.batch.sources import Source
from steps import validation
from steps.contract import AnyStep, Context, Item, Part, Report
from steps.environment import Environment
from steps.errors import Cancelled, StepError
from steps.run import run

Status = Literal["finished", "skipped", "failed", "cancelled"]
"""skipped: its results are there already, of the same source, version and parameters."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file."""

    source: Source
    status: Status
    seconds: float = 0.0
    files: Mapping[str, Path] = field(default_factory=dict)
    """Files written, by role: "result", "mask", "report"."""
    code: str | None = None
    """Stable code of the error; "file-error" when a file cannot be read or written."""
    detail: str | None = None
    """What went wrong, for a person."""
    report: Report | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One step with its parameters over many files."""

    step: AnyStep
    given: Mapping[str, object]
    """Parameters by wire names, as `steps.run` takes them."""
    environment: Environment
    companions: Companions = field(default_factory=lambda: Companions({}))
    """Further parts of every item."""
    force: bool = False
    """Work again on what is done already."""
    is_cancelled: Callable[[], bool] = lambda: False
    on_progress: Callable[[Source, float, str], None] = lambda source, fraction, message: None

    def run(self, sources: Sequence[Source]) -> Iterator[Outcome]:
        """Work on one file after the other; ends early when cancelled.

        Raises:
            InvalidParameters: before the first file.
            BackendUnavailable, WeightsMissing, WeightsInvalid: when the step's models cannot be
                loaded; no file could be worked on.
        """
        parameters = validation.parameters_of(self.step, self.given)
        is_loaded = False
        for source in sources:
            if self.is_cancelled():
                return
            began = time.perf_counter()
            try:
                item = self._item(source)
            except (StepError, OSError) as error:
                yield _failed(source, error)
                continue
            if not self.force and results.is_done(source, item, self.step, parameters):
                yield _skipped(source)
                continue
            if not is_loaded:
                self.step.load(parameters, self.environment)
                is_loaded = True
            yield self._work(source, item, began)

    def _item(self, source: Source) -> Item:
        if not source.is_file:
            return Item(parts=self.companions.of(source))
        self.environment.limits.check_bytes(source.path.stat().st_size)
        picture = Part(content=source.path.read_bytes(), filename=source.path.name)
        return Item(parts=(picture, *self.companions.of(source)))

    def _work(self, source: Source, item: Item, began: float) -> Outcome:
        context = Context(
            environment=self.environment,
            is_cancelled=self.is_cancelled,
            on_progress=lambda fraction, message: self.on_progress(source, fraction, message),
        )
        try:
            result = run(self.step, item, self.given, context)
            files = results.write(source, result)
        except Cancelled:
            return Outcome(source=source, status="cancelled")
        except (StepError, OSError) as error:
            return _failed(source, error)
        return Outcome(
            source=source,
            status="finished",
            seconds=time.perf_counter() - began,
            files=files,
            report=result.report,
        )


def _skipped(source: Source) -> Outcome:
    files = {"report": results.report_path(source)}
    return Outcome(source=source, status="skipped", files=files)


def _failed(source: Source, error: StepError | OSError) -> Outcome:
    if isinstance(error, StepError):
        return Outcome(source=source, status="failed", code=error.code, detail=error.detail)
    detail = f"{error.filename or source.path}: {error.strerror or error}"
    return Outcome(source=source, status="failed", code="file-error", detail=detail)
