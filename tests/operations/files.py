"""What the tests of operation read: the Dockerfile's stages, docker-compose.yml, the deploy folder."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "operations.md"
ONE_SHOT = {"migrate", "weights", "bucket"}
"""Services that end by themselves; the others wait for them."""


@dataclass(frozen=True)
class Instruction:
    name: str
    argument: str

    def listed(self) -> list[str]:
        """The exec form's words; fails for the shell form."""
        words = json.loads(self.argument[self.argument.index("[") :])
        assert isinstance(words, list)
        return [str(word) for word in words]


@dataclass
class Stage:
    name: str
    base: str
    own: list[Instruction] = field(default_factory=list)

    def all(self) -> list[Instruction]:
        """Its instructions after those of the stages that it stands on."""
        below = stages().get(self.base)
        return [*(below.all() if below else []), *self.own]

    def last(self, name: str) -> Instruction:
        return [each for each in self.all() if each.name == name][-1]

    def sources(self) -> set[str]:
        """Every stage that something of this one comes from, itself among them."""
        found = {self.name}
        nearby = {self.base}
        for each in self.all():
            nearby |= set(re.findall(r"(?:--from=|,from=)([\w-]+)", each.argument))
        for name in nearby & set(stages()):
            found |= stages()[name].sources()
        return found


@cache
def stages() -> dict[str, Stage]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, Stage] = {}
    stage: Stage | None = None
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, argument = line.strip().partition(" ")
        if name == "FROM":
            base, _, own_name = argument.partition(" AS ")
            stage = found[own_name] = Stage(own_name, base)
        elif stage is not None:
            stage.own.append(Instruction(name, argument.strip()))
    return found


@cache
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run an image of ours."""
    return {name: each for name, each in services().items() if "build" in each}


def seconds(duration: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([smh])", duration).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]
