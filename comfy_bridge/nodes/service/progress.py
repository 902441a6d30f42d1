"""How far the work is: written by the work, read by the node that shows it."""

from dataclasses import dataclass, field

from ..pixels import Bytes


@dataclass
class Progress:
    """The state of one run of a node."""

    text: str = ""
    """What is being done, for the person at the node."""
    preview: Bytes | None = None
    """A result that has just come; whoever shows it sets None again."""
    shares: dict[str, float] = field(default_factory=dict)
    """How much of each item is done, 0..1."""
    items: int = 1

    @property
    def fraction(self) -> float:
        """Share of the whole work that is done, 0..1."""
        return min(1.0, sum(self.shares.values()) / max(1, self.items))
