"""Between an item's parts and the pictures that ComfyUI loads and saves."""

from collections.abc import Mapping, Sequence

import numpy as np

from comfy_bridge.shelf.declaration import OutputDeclaration
from comfy_bridge.shelf.workflow import Workflow
from steps import parts
from steps.contract import Context, Item, Message, Output, Part, PartType, Role
from steps.errors import InvalidItem, StepFailed
from steps.imaging.decode import decode
from steps.imaging.document import Document, Mask, Page
from steps.imaging.encode import encode, result_name
from steps.imaging.limits import Limits
from steps.imaging.mask import mask_of
from steps.imaging.sniff import PNG, TIFF
from steps.imaging.writing.png import write_samples

Pictures = dict[Role, bytes]
"""One PNG of each role that the workflow takes."""


def taken(item: Item, workflow: Workflow, limits: Limits) -> dict[Role, Document]:
    """Return the item's decoded picture of each role that the workflow takes.

    Raises:
        InvalidItem: a role is missing, or there are several of it, or their pages do not fit.
        ImageError: as `steps.parts.document_of`.
    """
    found: dict[Role, Document] = {}
    for role in workflow.declaration.parts:
        given = item.base_parts(role)
        if len(given) != 1:
            raise InvalidItem(
                f"workflow {workflow.name!r} takes exactly one part of role {role.value!r}; "
                f"the item has {len(given)}"
            )
        found[role] = parts.document_of(given[0], limits)
    most = max((len(document.pages) for document in found.values()), default=1)
    for role, document in found.items():
        if len(document.pages) not in (1, most):
            raise InvalidItem(
                f"the {role.value} has {len(document.pages)} pages and another part {most}; "
                "accepted: as many, or one for all"
            )
    return found


def unused(item: Item, workflow: Workflow) -> tuple[Message, ...]:
    """Say which parts the workflow does not take."""
    roles = {part.role for part in item.parts if part.type is PartType.BASE_PART}
    return tuple(
        Message(
            severity="warning",
            code="part-unused",
            text=f"workflow {workflow.name!r} takes no part of role {role.value!r}",
        )
        for role in sorted(roles - workflow.declaration.parts.keys())
    )


def losses(source: Document | None, made: Sequence[Page]) -> tuple[Message, ...]:
    """Say that a transparency was lost: the result has another shape, and none of its own."""
    kept = source is None or all(
        old.alpha is None or _alpha(old, new) is not None
        for old, new in zip(source.pages, made, strict=False)
    )
    text = "the result has another shape than the picture, so its transparency was dropped"
    return () if kept else (Message(severity="warning", code="transparency-dropped", text=text),)


def for_page(documents: Mapping[Role, Document], index: int) -> Pictures:
    """Return what ComfyUI loads for a page: 8-bit RGB or RGBA PNG, upright, without any metadata."""
    return {
        role: _encoded(role, document.pages[min(index, len(document.pages) - 1)])
        for role, document in documents.items()
    }


def _encoded(role: Role, page: Page) -> bytes:
    if role is Role.MASK:
        return _mask(mask_of(page))
    if page.alpha is None:
        return write_samples(np.ascontiguousarray(page.pixels))
    return write_samples(np.dstack([page.pixels, page.alpha]))


def _mask(mask: Mask) -> bytes:
    """Write a mask so that every way to load one agrees on it.

    LoadImageMask takes a colour channel as it is, and the alpha channel inverted, as LoadImage's MASK does.
    """
    return write_samples(np.dstack([mask, mask, mask, 255 - mask]))


def loaded(content: bytes, filename: str, limits: Limits) -> Page:
    """Return the pixels of a picture that ComfyUI saved; the workflow inside it is left behind.

    Raises:
        ImageError: as `steps.imaging.decode.decode`.
    """
    page = decode(content, filename=filename, limits=limits).pages[0]
    return Page(pixels=page.pixels, alpha=page.alpha)


def result_document(source: Document | None, made: Sequence[Page]) -> Document:
    """Return pages as a document: with the source's type, profile and resolution where there is one."""
    if source is None:
        return Document(pages=tuple(made), mime_type=PNG, lossless=True)
    pages = (
        old.with_pixels(new.pixels, _alpha(old, new))
        for old, new in zip(source.pages, made, strict=True)
    )
    return source.with_pages(tuple(pages))


def _alpha(old: Page, new: Page) -> Mask | None:
    """Return the result's own transparency, else the source's, brought to the result's size.

    ComfyUI's pictures have none, so that a workflow which does not care about it would drop it. Where the shape
    changed, the source's says nothing about the result.
    """
    if new.alpha is not None or old.alpha is None:
        return new.alpha
    if new.size == old.size:
        return old.alpha
    (wide, tall), (width, height) = old.size, new.size
    if abs(wide * height - tall * width) > max(wide, tall, width, height):
        return None
    import cv2

    return np.asarray(cv2.resize(old.alpha, new.size, interpolation=cv2.INTER_LINEAR), np.uint8)


def aside(declared: OutputDeclaration, pages: Sequence[Page], source: Part) -> Part:
    """Return pages as a META part: a PNG for one, a TIFF for several."""
    kind = PNG if len(pages) == 1 else TIFF
    document = Document(pages=tuple(pages), mime_type=kind)
    content, mime_type = encode(document, Output(mime_type=kind))
    label = declared.label or (declared.role.value if declared.role is not Role.SOURCE else "extra")
    return Part(
        content=content,
        filename=result_name(source.filename, mime_type, label=label),
        mime_type=mime_type,
        type=PartType.META,
        role=declared.role,
        source_part_id=source.id or None,
    )


def results(
    source: Document | None, made: Sequence[Sequence[Page]], part: Part, context: Context
) -> tuple[Part, ...]:
    """Return the result's parts.

    Args:
        source: the decoded source, if the workflow takes one.
        made: the pictures of each page; several of one page become parts of their own.
        part: the source's part, for names.
        context: says how to encode.

    Raises:
        StepFailed: several pages, of which one gave more or less than one picture.
    """
    if len(made) > 1:
        if any(len(pages) != 1 for pages in made):
            raise StepFailed(
                "the workflow gave several pictures for one page of a document of many"
            )
        document = result_document(source, [pages[0] for pages in made])
        return (parts.deliver(document, context, source=part),)
    return tuple(
        parts.deliver(
            result_document(source, [page]), context, source=part, label=_number(number, made[0])
        )
        for number, page in enumerate(made[0], start=1)
    )


def _number(number: int, pages: Sequence[Page]) -> str:
    return str(number) if len(pages) > 1 else ""
