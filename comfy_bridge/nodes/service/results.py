"""What an item of a job gave: its pictures, fetched and decoded, with mask, reports and messages."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import pictures
from ..pixels import Bytes
from .problems import WorkFailed
from .session import Session
from .tasks import together


@dataclass(frozen=True)
class Result:
    """A picture that an item gave."""

    picture: Bytes
    mask: Bytes | None
    reports: tuple[Mapping[str, Any], ...]
    """Of each step, in the chain's order."""
    messages: tuple[str, ...]
    item: str
    """Id of the item."""


async def results_of(session: Session, item: Mapping[str, Any]) -> list[Result]:
    """Fetch what the last step made of an item: one picture as a rule, several of a step that draws.

    Raises:
        WorkFailed: it gave no picture.
        PictureInvalid: what it gave cannot be decoded.
    """
    made = [part for part in item["parts"] if part["report"]]
    drawn = [part for part in made if part["type"] == "BASE_PART"]
    drawn = [part for part in drawn if part["report"] == drawn[-1]["report"]]
    if not drawn or item["status"] != "FINISHED":
        said = (item.get("error") or {}).get("detail", "it gave no picture")
        raise WorkFailed(f"item {item['id']!r} is {item['status']} and has no result: {said}")
    masks = [part for part in made if part["role"] == "mask"] if len(drawn) == 1 else []
    found = await together([_pixels(session, part, pictures.decode) for part in drawn])
    mask = await _pixels(session, masks[-1], pictures.decode_mask) if masks else None
    reports: list[Mapping[str, Any]] = []
    for part in made:
        if part["report"] not in reports:
            reports.append(part["report"])
    said = tuple(f"{each['severity']}: {each['text']}" for each in item.get("messages", ()))
    own = str(item["id"])
    return [Result(picture, mask, tuple(reports), said, own) for picture in found]


def summary(results: Sequence[Result]) -> str:
    """Return what the node says in the end: the verdicts, and each message once."""
    verdicts = [
        str(each["verdict"]) for one in results for each in one.reports if "verdict" in each
    ]
    said = [message for one in results for message in one.messages]
    return "\n".join(dict.fromkeys([*verdicts, *said])) or "done"


async def _pixels(
    session: Session, part: Mapping[str, Any], decoded: Callable[[bytes], Bytes]
) -> Bytes:
    return await asyncio.to_thread(decoded, await session.content(part["url"]))
