"""What a worker counts since its start; it stands in its row, and `/metrics` adds the rows up."""

import bisect
import os
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from connector.work.attempt import Noted
from steps import residency

BUCKETS: tuple[float, ...] = (
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
)  # fmt: skip
"""Upper bounds of the histograms, seconds, each inclusive; what took longer is counted behind the last."""


class StepSeconds(BaseModel):
    """How long the runs of one step with one backend took."""

    model_config = ConfigDict(frozen=True)

    step: str
    backend: str
    """Names of the backends that took part, joined by "+"; "" where none did."""
    counts: tuple[int, ...]
    """Runs by bucket, not added up; one more than there are bounds."""
    sum: float
    """Seconds of all runs."""


class Figures(BaseModel):
    """A worker's counters at one moment."""

    model_config = ConfigDict(frozen=True)

    attempts: dict[str, int] = {}
    """By outcome: finished, failed, cancelled, lost, returned."""
    step_seconds: tuple[StepSeconds, ...] = ()
    model_loads: int = 0
    model_evictions: int = 0
    """Models dropped to make room."""
    model_offloads: int = 0
    """Models moved from the GPU to main memory to make room."""
    model_returns: int = 0
    """Models brought back to the GPU."""
    out_of_memory: int = 0
    """Times that memory ran out in a model, whether or not something helped."""
    model_bytes: int = 0
    """Main memory that loaded models hold."""
    gpu_bytes: int = 0
    """GPU memory that loaded models hold."""
    rss_bytes: int = 0
    """Memory of the process, resident."""

    @classmethod
    def from_json(cls, stored: object) -> "Figures":
        """Read what a worker wrote; fields that this version does not know are left out.

        Raises:
            pydantic.ValidationError: it is no such object.
        """
        return cls.model_validate(stored)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what a row holds."""
        stored: dict[str, JsonValue] = self.model_dump(mode="json")
        return stored


class Counters:
    """Counts up; the thread that works and the one that writes share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attempts: Counter[str] = Counter()
        self._counts: dict[tuple[str, str], list[int]] = {}
        self._sums: Counter[tuple[str, str]] = Counter()

    def note(self, noted: Noted) -> None:
        """Take an attempt into account."""
        with self._lock:
            self._attempts[noted.outcome] += 1
            for report in noted.reports:
                self._take(report)

    def figures(self) -> Figures:
        """Return what was counted so far."""
        models = residency.counts()
        with self._lock:
            return Figures(
                attempts=dict(self._attempts),
                step_seconds=tuple(
                    StepSeconds(
                        step=step,
                        backend=backend,
                        counts=tuple(counts),
                        sum=float(self._sums[step, backend]),
                    )
                    for (step, backend), counts in self._counts.items()
                ),
                model_loads=models.loads,
                model_evictions=models.evictions,
                model_offloads=models.offloads,
                model_returns=models.returns,
                out_of_memory=models.out_of_memory,
                model_bytes=models.memory_bytes,
                gpu_bytes=models.gpu_bytes,
                rss_bytes=resident_bytes(),
            )

    def _take(self, report: Mapping[str, object]) -> None:
        timings = report.get("timings")
        seconds = timings.get("total") if isinstance(timings, Mapping) else None
        if not isinstance(seconds, int | float):  # a step that was skipped took no time
            return
        used = report.get("backends")
        names = [str(each["name"]) for each in used] if isinstance(used, list) else []
        key = (str(report.get("step")), "+".join(names))
        counts = self._counts.setdefault(key, [0] * (len(BUCKETS) + 1))
        counts[bisect.bisect_left(BUCKETS, seconds)] += 1
        self._sums[key] += seconds  # type: ignore[assignment]  # Counter takes any number


def resident_bytes() -> int:
    """Return the memory of this process; 0 where the system does not say (no /proc)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
