"""The step as a whole on small pictures, by the stubs: no weights."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from steps.anonymize import Anonymize, AnonymizeReport
from steps.contract import Context, Item, Output, Part, PartType, Role, StepResult
from steps.errors import InvalidItem, InvalidParameters
from steps.imaging.decode import decode
from steps.imaging.document import Document, Pixels
from steps.run import run
from tests.steps.anonymize.markers import jpeg, picture, png

PERSON = (100, 60, 140, 160)
STUBS = {"detector": "stub", "segmenter": "stub", "inpainter": "stub"}


def anonymize(
    content: bytes | Document, context: Context | None = None, **parameters: object
) -> tuple[StepResult, AnonymizeReport]:
    item = Item(parts=(Part(content=content, filename="photo.png", id="p1"),))
    result = run(Anonymize(), item, {**STUBS, **parameters}, context or Context())
    assert isinstance(result.report, AnonymizeReport)
    return result, result.report


def pixels_of(part: Part) -> Pixels:
    assert isinstance(part.content, bytes)
    return decode(part.content).pages[0].pixels


def test_the_result_is_the_picture_and_its_mask() -> None:
    source = picture(PERSON)
    result, report = anonymize(png(source))
    after, mask = result.parts
    assert (after.type, after.role, after.mime_type) == (
        PartType.BASE_PART,
        Role.SOURCE,
        "image/png",
    )
    assert (mask.type, mask.role) == (PartType.META, Role.MASK)
    assert after.source_part_id == mask.source_part_id == "p1"
    changed = pixels_of(mask)[..., 0] > 0
    assert (pixels_of(after)[~changed] == source[~changed]).all()
    assert (pixels_of(after)[changed] != source[changed]).any()
    assert report.verdict == "clean"
    assert report.delivered_lossless


def test_the_report_names_step_backends_seed_and_timings() -> None:
    _, report = anonymize(png(picture(PERSON)), seed=9)
    assert (report.step, report.version, report.seed) == ("anonymize", Anonymize.version, 9)
    assert [(b.capability, b.name) for b in report.backends] == [
        ("detection", "stub"),
        ("segmentation", "stub"),
        ("inpainting", "stub"),
    ]
    assert {"decode", "detect", "mask", "fill", "verify", "prove", "encode", "total"} <= set(
        report.timings
    )
    assert [m.code for m in report.messages] == ["clean"]


def test_nothing_found_is_a_success_with_the_sources_pixels_and_a_message() -> None:
    source = picture()
    result, report = anonymize(png(source))
    assert (pixels_of(result.parts[0]) == source).all()
    assert not pixels_of(result.parts[1]).any()
    assert [m.code for m in report.messages] == ["nothing-found"]


def test_the_same_call_gives_the_same_bytes_and_another_seed_may_not() -> None:
    content = png(picture(PERSON))
    first, _ = anonymize(content, inpainter="patchmatch", seed=1)
    second, _ = anonymize(content, inpainter="patchmatch", seed=1)
    other, _ = anonymize(content, inpainter="patchmatch", seed=2)
    assert [p.content for p in first.parts] == [p.content for p in second.parts]
    assert first.parts[0].content != other.parts[0].content


def test_every_page_of_a_tiff_is_worked_on() -> None:
    buffer = io.BytesIO()
    pages = [Image.fromarray(picture(PERSON)), Image.fromarray(picture(size=(160, 120)))]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    result, report = anonymize(buffer.getvalue())
    assert [page.verdict for page in report.pages] == ["clean", "nothing-found"]
    assert report.verdict == "clean"
    for part in result.parts:
        assert isinstance(part.content, bytes)
        assert [page.size for page in decode(part.content).pages] == [(320, 240), (160, 120)]


def test_a_jpeg_comes_back_as_a_jpeg_and_the_report_says_it_was_encoded() -> None:
    result, report = anonymize(jpeg(picture(PERSON)))
    assert result.parts[0].mime_type == "image/jpeg"
    assert result.parts[0].filename == "photo.jpg"
    assert not report.delivered_lossless
    assert report.pages[0].largest_difference_outside_mask == 0


def test_inside_a_chain_the_decoded_picture_is_handed_on() -> None:
    result, report = anonymize(png(picture(PERSON)), Context(output=None))
    assert isinstance(result.parts[0].content, Document)
    assert report.delivered_lossless


def test_the_callers_output_type_is_kept_to() -> None:
    result, report = anonymize(jpeg(picture(PERSON)), Context(output=Output(mime_type="image/png")))
    assert result.parts[0].mime_type == "image/png"
    assert report.delivered_lossless


def test_a_class_that_no_detector_knows_is_refused_with_similar_names() -> None:
    with pytest.raises(InvalidParameters, match=r"'persn'.*did you mean 'person'"):
        anonymize(png(picture()), classes=["persn"])


def test_an_item_of_two_pictures_is_refused() -> None:
    part = Part(content=png(picture()))
    with pytest.raises(InvalidItem, match="2 parts of role 'source'"):
        run(Anonymize(), Item(parts=(part, part)), STUBS, Context())


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (3, 200)])
def test_pictures_of_any_size_pass(size: tuple[int, int]) -> None:
    source = picture(size=size)
    result, _ = anonymize(png(source))
    assert (pixels_of(result.parts[0]) == source).all()


def test_a_rotated_photo_is_anonymized_upright() -> None:
    buffer = io.BytesIO()
    upright = picture(PERSON)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90° clockwise
    Image.fromarray(cv2.rotate(upright, cv2.ROTATE_90_COUNTERCLOCKWISE)).save(
        buffer, "JPEG", quality=95, exif=exif
    )
    result, report = anonymize(buffer.getvalue())
    assert (report.pages[0].width, report.pages[0].height) == (320, 240)
    box = report.pages[0].detections[0].box
    assert np.allclose(box, PERSON, atol=4)
    assert pixels_of(result.parts[0]).shape == (240, 320, 3)
