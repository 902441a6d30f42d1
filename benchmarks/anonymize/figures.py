"""What a run of the benchmark gives: measured here, kept as JSON, shown as markdown."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.anonymize import cost, fill, recall
from benchmarks.anonymize.plan import Plan
from benchmarks.anonymize.scenes import heights, scene
from steps.imaging.document import Pixels

Say = Callable[[str], None]
Keep = Callable[[str, Pixels], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured."""

    mode: str
    machine: Mapping[str, object]
    scenes: tuple[recall.SceneOutcome, ...]
    fills: tuple[fill.Filled, ...]
    costs: tuple[cost.Cost, ...]

    def as_json(self) -> dict[str, object]:
        """Return the figures as JSON takes them: counted, and each person that was missed."""
        people = [person for outcome in self.scenes for person in outcome.people]
        return {
            "benchmark": "anonymize",
            "mode": self.mode,
            "machine": dict(self.machine),
            "people": [asdict(line) for line in recall.lines(people)],
            "scenes": {
                "count": len(self.scenes),
                "falseDetections": sum(outcome.false for outcome in self.scenes),
                "verdicts": [outcome.verdict for outcome in self.scenes],
                "largestDifferenceOutsideMask": max(
                    (o.difference_outside for o in self.scenes), default=None
                ),
            },
            "missed": [asdict(p) for p in people if p.height >= recall.PROMISED and not p.tiled],
            "fill": [asdict(row) for row in self.fills],
            "cost": [asdict(row) for row in self.costs],
        }


def measure(
    plan: Plan, machine: Mapping[str, object], folder: Path | None, say: Say, keep: Keep
) -> Figures:
    """Measure all of it.

    Args:
        plan: how much.
        machine: the description of what it runs on.
        folder: clean photos of one's own; None takes those of the packages.
        say: receives a line at each step of the way.
        keep: receives pictures worth a look, with a name for each.
    """
    return Figures(
        mode=plan.mode,
        machine=machine,
        scenes=tuple(_examine(plan, index, folder, say, keep) for index in range(plan.scenes)),
        fills=tuple(row for case in _fills(plan, folder, say, keep) for row in case),
        costs=tuple(_cost(name, size, plan.runs, say) for name, size in cost.cases(plan.sizes)),
    )


def _examine(
    plan: Plan, index: int, folder: Path | None, say: Say, keep: Keep
) -> recall.SceneOutcome:
    kind = plan.kind(index)
    wanted = heights(plan.people, index, plan.scenes)
    made = scene(index, plan.megapixels, wanted, kind=kind, folder=folder)
    outcome = recall.examine(made, kind if folder is None else "own")
    keep(f"scene-{index}-source", made.pixels)
    keep(f"scene-{index}-result", outcome.delivered.pixels)
    found = sum(person.tiled for person in outcome.people)
    say(f"scene {index + 1} of {plan.scenes} ({kind}): {found} of {len(outcome.people)} found")
    return recall.without_pixels(outcome)


def _fills(plan: Plan, folder: Path | None, say: Say, keep: Keep) -> list[list[fill.Filled]]:
    cases = [
        (f"photo-{i}", scene(100 + i, 0.4, (90, 60, 30), kind="native", folder=folder), False)
        for i in range(plan.fills)
    ]
    if plan.large_fill:
        people = (600, 420, 260, 120, 60)
        cases.append((fill.LARGE, scene(200, 12, people, kind="enlarged", folder=folder), True))
    rows: list[list[fill.Filled]] = []
    for name, made, large in cases:
        rows.append(fill.compare(name, made, fill.peers(large=large), keep))
        say(f"fill of {name}")
    return rows


def _cost(name: str, megapixels: float, runs: int, say: Say) -> cost.Cost:
    found = cost.cost(name, megapixels, runs)
    say(f"cost of the {name} at {megapixels:g} MP: {found.seconds:.1f} s, {found.peak_mb:.0f} MB")
    return found
