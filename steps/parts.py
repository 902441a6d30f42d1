"""Between the parts of an item and the pictures that a step works on."""

from collections.abc import Sequence

from steps.contract import Context, Item, Part, PartType, Role
from steps.errors import InvalidItem
from steps.imaging.decode import decode
from steps.imaging.document import Document, Mask
from steps.imaging.encode import encode, result_name
from steps.imaging.limits import Limits
from steps.imaging.mask import encode_masks


def source_of(item: Item) -> Part:
    """Return the one source part of an item that a step works on.

    Raises:
        InvalidItem: there is none, or there are several; a step takes one picture at a time.
    """
    sources = item.base_parts(Role.SOURCE)
    if len(sources) != 1:
        raise InvalidItem(
            f"the item has {len(sources)} parts of role 'source'; exactly one is accepted: "
            "put further pictures into items of their own"
        )
    return sources[0]


def document_of(part: Part, limits: Limits | None = None) -> Document:
    """Return a part's picture: decoded from its bytes, or as it is where it comes from the step before.

    Raises:
        ImageUndecodable, ImageUnsupported, ImageTooLarge, OutOfMemory: as `steps.imaging.decode.decode`.
    """
    if isinstance(part.content, Document):
        return part.content
    return decode(part.content, filename=part.filename, limits=limits)


def deliver(document: Document, context: Context, *, source: Part, label: str = "") -> Part:
    """Return a result as a part: encoded as `context.output` says, or decoded for the next step of a chain.

    Args:
        document: the result.
        context: its `output` says how to encode; None hands the document on.
        source: the part that the result was made from; gives name, role and `source_part_id`.
        label: put into the name before the suffix, e.g. "preview" makes kitchen.preview.jpg.

    Raises:
        InvalidParameters: `context.output` cannot be met; the pointer names the field.
    """
    content: bytes | Document = document
    mime_type, filename = document.mime_type, source.filename
    if context.output is not None:
        with context.phase("encode"):
            content, mime_type = encode(document, context.output)
        filename = result_name(source.filename, mime_type, label=label)
    return Part(
        content=content,
        filename=filename,
        mime_type=mime_type,
        type=PartType.BASE_PART,
        role=source.role,
        source_part_id=source.id or None,
    )


def deliver_masks(masks: Sequence[Mask], *, source: Part) -> Part:
    """Return the masks of a document's pages as a META part: a PNG for one, a TIFF for several.

    Args:
        masks: uint8 (height, width) each, 255 = changed.
        source: the part that they belong to; kitchen.jpg gives kitchen.mask.png.
    """
    content, mime_type = encode_masks(masks)
    return Part(
        content=content,
        filename=result_name(source.filename, mime_type, label="mask"),
        mime_type=mime_type,
        type=PartType.META,
        role=Role.MASK,
        source_part_id=source.id or None,
    )
