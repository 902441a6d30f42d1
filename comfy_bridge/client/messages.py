"""What comes over the websocket. Binary frames (previews) are not asked for, and left aside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONNECTED = "connected"
"""Kind of the event that this client makes itself, whenever the websocket is there (again)."""
ENDS = frozenset({"execution_success", "execution_error", "execution_interrupted"})
"""Kinds that end a prompt."""


@dataclass(frozen=True)
class Event:
    """One JSON message."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prompt_id(self) -> str | None:
        """The prompt that it is about; None where it is about none."""
        found = self.fields.get("prompt_id")
        return found if isinstance(found, str) else None


def read(frame: str | bytes) -> Event | None:
    """Return what a frame says; None for a binary one, or one that is none of ComfyUI's."""
    if isinstance(frame, bytes):
        return None
    try:
        message = json.loads(frame)
    except ValueError:
        return None
    if not isinstance(message, dict):
        return None
    kind, fields = message.get("type"), message.get("data")
    if not isinstance(kind, str) or not isinstance(fields, dict):
        return None
    return Event(kind, fields)
