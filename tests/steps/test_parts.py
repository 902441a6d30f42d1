"""Parts become documents and documents become parts."""

import numpy as np
import pytest

from steps.contract import Context, Output, Part, PartType, Role
from steps.errors import ImageTooLarge, ImageUndecodable
from steps.imaging.document import Document
from steps.imaging.limits import Limits
from steps.parts import deliver, deliver_masks, document_of
from tests.steps.imaging.pictures import rgb, saved

SOURCE = Part(content=saved(rgb(), "JPEG"), filename="kitchen.JPG", mime_type="image/png", id="p1")


def test_a_part_of_bytes_is_decoded_by_its_content() -> None:
    document = document_of(SOURCE)
    assert document.mime_type == "image/jpeg"
    assert document.pages[0].size == (61, 43)


def test_a_part_of_a_chain_is_passed_on() -> None:
    document = document_of(SOURCE)
    assert document_of(Part(content=document)) is document


def test_errors_name_the_file() -> None:
    with pytest.raises(ImageTooLarge, match=r"^kitchen\.JPG: ") as caught:
        document_of(SOURCE, Limits(max_pixels=10))
    assert caught.value.pointer == "kitchen.JPG"
    with pytest.raises(ImageUndecodable, match=r"^the file is empty"):
        document_of(Part(content=b""))


def test_a_result_is_encoded_and_points_at_its_source() -> None:
    context = Context(output=Output())
    part = deliver(document_of(SOURCE), context, source=SOURCE)
    assert isinstance(part.content, bytes)
    assert (part.filename, part.mime_type) == ("kitchen.JPG", "image/jpeg")
    assert (part.type, part.role, part.source_part_id) == (PartType.BASE_PART, Role.SOURCE, "p1")
    assert context.timings["encode"] > 0
    part = deliver(
        document_of(SOURCE),
        Context(output=Output(mime_type="image/png")),
        source=SOURCE,
        label="preview",
    )
    assert (part.filename, part.mime_type) == ("kitchen.preview.png", "image/png")


def test_within_a_chain_the_document_is_handed_on() -> None:
    document = document_of(SOURCE)
    part = deliver(document, Context(output=None), source=SOURCE)
    assert part.content is document
    assert part.filename == "kitchen.JPG"
    assert part.mime_type == "image/jpeg"


def test_masks_are_meta_parts_beside_the_result() -> None:
    masks = [np.full((43, 61), 255, np.uint8)]
    part = deliver_masks(masks, source=SOURCE)
    assert (part.filename, part.mime_type) == ("kitchen.mask.png", "image/png")
    assert (part.type, part.role, part.source_part_id) == (PartType.META, Role.MASK, "p1")
    assert not isinstance(part.content, Document)
    assert deliver_masks(masks * 2, source=SOURCE).filename == "kitchen.mask.tiff"
