"""What a job made, in jadice flow's shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.api.results import results_of
from connector.jadice.shapes import ResultPart
from connector.jobs.views import ItemView, JobView, PartView
from connector.links import Links
from steps.contract import PartType, Role


def result_parts(item: ItemView, job: JobView, links: Links) -> list[ResultPart]:
    """Return what the last step made of a finished item; where none made anything, its source."""
    active = [part for part in _results(item) if part.type == PartType.BASE_PART]
    last = max((part.step for part in active), default=0)
    return [_part(part, job, links) for part in active if part.step == last]


def worked_item(
    given: Mapping[str, Any], place: Sequence[int], item: ItemView, job: JobView, links: Links
) -> dict[str, Any]:
    """Return an item as a worker gives it back: everything that came, and what the step made.

    Args:
        given: the item as it came, JSON.
        place: index of each of its parts that was worked on.
        item: what became of it.
        job: that it belonged to.
        links: to the files.
    """
    parts = [dict(part) for part in given["parts"]]
    made = _results(item)
    own = [part for part in item.parts if part.step < 0]
    for index, part in zip(place, own, strict=True):
        if part.type == PartType.META or part in made:
            parts[index]["type"] = PartType.META.value
    new = [_part(part, job, links).model_dump(mode="json", by_alias=True) for part in made]
    messages = [message for report in item.reports for message in report.get("messages", ())]
    return {**given, "parts": parts + new, "messages": messages}


def _results(item: ItemView) -> list[PartView]:
    """Return what an item gave; a source that was not fetched to be kept stands for itself."""
    found = results_of(item)
    if any(part.type == PartType.BASE_PART for part in found):
        return found
    sources = [part for part in item.parts if part.step < 0 and part.role == Role.SOURCE]
    return sources + found


def _part(part: PartView, job: JobView, links: Links) -> ResultPart:
    return ResultPart(
        url=links.part(part.job_id, part.id, job.expires_at) if part.sha256 else part.url,
        filename=part.filename,
        mime_type=part.mime_type,
        type=PartType(part.type),
        role=Role(part.role),
    )
