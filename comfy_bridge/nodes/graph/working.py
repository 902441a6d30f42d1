"""What the nodes that run steps share: inputs into items, results into outputs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..pixels import Bytes, masks_for, spread, transparency
from ..service import work
from ..service.connection import Choice
from ..service.progress import Progress
from ..service.results import Result
from ..service.session import opened
from ..service.work import Given
from ..widgets import Widget, known_to, parameters_of
from .border import batch, connection_of, image_of, pictures_of, shown


def items_of(image: Any, style_image: Any = None, mask: Any = None) -> list[Given]:
    """Return one item for each picture of a batch; one style or mask serves all of them.

    Args:
        image: IMAGE; None for a step that makes its picture from nothing.
        style_image: IMAGE or None.
        mask: MASK or None; 1 = the region to change.

    Raises:
        SizesDiffer: there are as many styles or masks neither as pictures, nor one.
    """
    sources = [] if image is None else pictures_of(image)
    by_role: dict[str, list[Bytes]] = {"source": sources} if sources else {}
    count = len(sources) or 1
    if style_image is not None:
        by_role["style"] = spread(pictures_of(style_image), count, "style_image")
    if mask is not None and sources:
        masks = masks_for(batch(mask), [each.shape[:2] for each in sources])
        if masks is not None:
            by_role["mask"] = masks
    return [Given({role: each[n] for role, each in by_role.items()}) for n in range(count)]


async def run_step(
    choice: Choice | None,
    step: str,
    widgets: Sequence[Widget],
    values: Mapping[str, Any],
    items: Sequence[Given],
    node: str | None,
) -> list[Result]:
    """Run a step over items and show how far it is; see `work.run` for what is raised."""
    progress, parameters = Progress(), parameters_of(widgets, values)

    async def whole() -> list[Result]:
        async with opened(connection_of(choice)) as session:
            live = await session.json("GET", f"/v1/steps/{step}")
            sent = known_to(live["parameters"], widgets, parameters)
            call = {"step": step, "parameters": sent}
            return await work.run(session, [call], items, progress)

    return await shown(whole(), progress, node)


def images(results: Sequence[Result]) -> Any:
    """Return the results as an IMAGE."""
    found = [each.picture for each in results]
    if len({each.shape[2] for each in found}) > 1:
        found = [each[..., :3] for each in found]
    return image_of(found)


def masks(results: Sequence[Result]) -> Any:
    """Return the masks as a MASK; where there is none, the picture's transparency, as LoadImage does."""
    return image_of(
        [each.mask if each.mask is not None else transparency(each.picture) for each in results]
    )


def report(results: Sequence[Result]) -> str:
    """Return the reports as JSON: of one item its own, of several a list; of a chain a list in it."""
    by_item = {result.item: result.reports for result in results}
    every = [own[0] if len(own) == 1 else own for own in by_item.values()]
    return json.dumps(every[0] if len(every) == 1 else every, indent=2, ensure_ascii=False)
