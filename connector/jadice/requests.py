"""From what jadice flow sends to a job's request as our own API takes it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.jadice.shapes import FlowItem, FlowJobRequest, FlowPart
from connector.jobs.templates import Template
from connector.submit.rejected import Rejected, at
from steps.registry import Registry

_PART = re.compile(r"/items/(\d+)/parts/(\d+)")


@dataclass(frozen=True, kw_only=True)
class Translated:
    """A job's request, and where its parts stood in flow's."""

    request: dict[str, Any]
    """As `connector.submit.requests.JobRequest` describes it."""
    places: tuple[tuple[int, ...], ...]
    """Of each item, the index of each part that is worked on; META stays with its sender."""

    def rejected(self, error: Rejected, *renamed: tuple[str, str]) -> Rejected:
        """Return a rejection of the request whose pointers lie in what flow sent.

        Args:
            error: with pointers into `request`.
            renamed: beginnings of pointers, each with what stands there instead.
        """

        def original(found: re.Match[str]) -> str:
            item, part = int(found[1]), int(found[2])
            return f"/items/{item}/parts/{self.places[item][part]}"

        def there(text: str) -> str:
            text = _PART.sub(original, text)
            for ours, theirs in renamed:
                text = text.replace(ours, theirs)
            return text

        errors = tuple((there(pointer), there(detail)) for pointer, detail in error.errors)
        return Rejected(error.code, there(error.detail), errors=errors)


def translated(items: Sequence[FlowItem], head: Mapping[str, Any]) -> Translated:
    """Return the request of a job over these items.

    Args:
        items: at least one.
        head: the rest of the request: `steps` or `template`, `priority`.

    Raises:
        Rejected: an item has nothing to work on.
    """
    places = tuple(
        tuple(index for index, part in enumerate(item.parts) if part.is_worked_on) for item in items
    )
    for index, place in enumerate(places):
        if not place:
            raise at(
                f"/items/{index}/parts",
                "the item has no BASE_PART; a step works on one at least",
                "item-invalid",
            )
    given = [_item(item, place) for item, place in zip(items, places, strict=True)]
    return Translated(request={**head, "items": given}, places=places)


def head_of(
    given: FlowJobRequest, templates: Mapping[str, Template], registry: Registry
) -> dict[str, Any]:
    """Return what a flow job's template means: a template of ours, or a step by its name.

    Raises:
        Rejected: there is neither.
    """
    name = given.job_template_name
    head = {} if given.priority is None else {"priority": given.priority}
    if name in templates:
        return {"template": name, **head}
    if name in names(templates, registry):
        return {"steps": [{"step": name}], **head}
    known = ", ".join(names(templates, registry))
    raise at("/jobTemplateName", f"there is no template {name!r}; known: {known}")


def names(templates: Mapping[str, Template], registry: Registry) -> list[str]:
    """Return the names of every template, and of every step, which is a template of itself."""
    return sorted({*templates, *(step.name for step in registry.all())})


def _item(item: FlowItem, place: Sequence[int]) -> dict[str, Any]:
    return {
        "parts": [_part(item.parts[index]) for index in place],
        "indexData": item.index_data or {},
        "processingProperties": item.processing_properties or {},
    }


def _part(part: FlowPart) -> dict[str, Any]:
    return part.model_dump(by_alias=True, exclude_none=True)
