"""How much is measured: everything, or a sample in about two minutes."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from benchmarks.anonymize.photos import Kind

Part: TypeAlias = Literal["people", "fill", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One mode of the benchmark."""

    mode: str
    megapixels: float = 12
    """Of the pictures in which people are looked for."""
    scenes: int
    """Number of them, in turns "enlarged" and "quilt"."""
    people: int
    """In each of them."""
    fills: int
    """Photos at their own size in which the fill is compared."""
    large_fill: bool
    """Whether the fill is compared in a picture of 12 megapixels too: PatchMatch takes a minute there."""
    sizes: tuple[float, ...]
    """Megapixels at which the cost is measured."""
    runs: int
    """Runs at each size; the median counts."""

    def kind(self, index: int) -> Kind:
        """Return how the clean picture of a scene is made."""
        return "enlarged" if index % 2 == 0 else "quilt"

    def only(self, part: Part) -> "Plan":
        """Return the plan with one part left."""
        return replace(
            self,
            mode=f"{self.mode}, {part} only",
            scenes=self.scenes if part == "people" else 0,
            fills=self.fills if part == "fill" else 0,
            large_fill=self.large_fill and part == "fill",
            sizes=self.sizes if part == "cost" else (),
        )


FULL = Plan(
    mode="full", scenes=8, people=20, fills=6, large_fill=True, sizes=(1, 4, 12, 24), runs=3
)
QUICK = Plan(mode="quick", scenes=2, people=14, fills=2, large_fill=False, sizes=(1, 12), runs=1)
