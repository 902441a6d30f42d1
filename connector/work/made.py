"""What an attempt made, measured where it was made."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from connector.jobs.model import MadePart
from connector.work.chain import Produced
from steps.imaging.header import inspect
from steps.imaging.limits import Limits

_ENDLESS = 2**62
_NO_LIMITS = Limits(
    max_bytes=_ENDLESS,
    max_pixels=_ENDLESS,
    max_total_pixels=_ENDLESS,
    max_pages=_ENDLESS,
    max_side=_ENDLESS,
)
"""A result is measured, not refused."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """An item's result, its files stored."""

    parts: tuple[MadePart, ...]
    replaced: frozenset[str]
    """Ids of the caller's parts that become META."""
    reports: tuple[dict[str, JsonValue], ...]
    touched_at: float
    """When its files were touched."""
    own: tuple[str, ...] = ()
    """Ids of the caller's parts, in order."""
    reuse_key: str | None = None
    """Under which it can be kept for another item; None: it is not kept."""


def made_parts(
    produced: Sequence[Produced],
) -> tuple[tuple[MadePart, ...], dict[str, bytes]]:
    """Return the parts as the database takes them, and the bytes of each file by its SHA-256."""
    parts: list[MadePart] = []
    contents: dict[str, bytes] = {}
    for each in produced:
        part = each.part
        if not isinstance(part.content, bytes):
            raise TypeError(f"a {part.role} part was not encoded")
        sha256 = hashlib.sha256(part.content).hexdigest()
        contents[sha256] = part.content
        width, height = 0, 0
        if part.mime_type.startswith("image/"):
            width, height = inspect(part.content, limits=_NO_LIMITS).sizes[0]
        parts.append(
            MadePart(
                id=part.id,
                step=each.step,
                type=part.type.value,
                role=part.role.value,
                filename=part.filename,
                mime_type=part.mime_type,
                sha256=sha256,
                size_bytes=len(part.content),
                width=width,
                height=height,
                source_part_id=part.source_part_id,
            )
        )
    return tuple(parts), contents
