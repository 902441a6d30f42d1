"""Server-sent events (WHATWG HTML, section 9.2), as far as the service sends them."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that happened to a job."""

    id: str
    """What to come back with as `Last-Event-ID`."""
    type: str
    """e.g. "item.progress", "item.finished", "job.finished"."""
    values: Mapping[str, Any]


async def events(lines: AsyncIterable[bytes]) -> AsyncIterator[Event]:
    """Return the events of a stream; one that breaks off in the middle is not given."""
    fields: dict[str, str] = {}
    async for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            if name:  # a line that begins with a colon is a comment
                fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield Event(
                fields.get("id", ""), fields.get("event", "message"), _object(fields["data"])
            )
        fields = {}


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
