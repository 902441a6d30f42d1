"""The catalogue of steps that the nodes are made from: `catalogue.json` beside this file.

`python -m comfy_bridge.catalogue` writes that file from the registry of steps; the same shape, but for
`givesMask`, comes from a live service (`GET /v1/steps/{step}`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True)
class Taken:
    """A kind of picture that a step takes."""

    role: str
    """source, style or mask."""
    required: bool
    description: str


@dataclass(frozen=True)
class Description:
    """A step, as far as a node needs to know it."""

    name: str
    """Wire name, e.g. "style-transfer"."""
    title: str
    summary: str
    inputs: tuple[Taken, ...]
    parameters: Mapping[str, Any]
    """JSON Schema of the parameters."""
    gives_mask: bool
    """Whether a mask of what was changed comes back."""

    def takes(self, role: str) -> Taken | None:
        """Return the input of a role, or None."""
        return next((taken for taken in self.inputs if taken.role == role), None)


def described(entry: Mapping[str, Any]) -> Description:
    """Return a step's description from its JSON; fields that a node does not need are left out."""
    return Description(
        name=entry["name"],
        title=entry["title"],
        summary=entry["summary"],
        inputs=tuple(
            Taken(role=taken["role"], required=taken["required"], description=taken["description"])
            for taken in entry["inputs"]
        ),
        parameters=entry["parameters"],
        gives_mask=bool(entry.get("givesMask", False)),
    )


def shipped(file: Path = FILE) -> tuple[Description, ...]:
    """Return the steps that this pack has a node for, by name."""
    return tuple(described(entry) for entry in json.loads(file.read_text("utf-8"))["steps"])
