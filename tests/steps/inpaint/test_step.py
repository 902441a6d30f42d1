from typing import Any

import numpy as np
import pytest

from steps.backends.detection.stub import StubDetector
from steps.backends.inpainting.stub import StubInpainter
from steps.contract import Context, Item, Part, Role, StepResult
from steps.errors import Cancelled, InvalidItem, InvalidParameters
from steps.imaging.decode import decode
from steps.imaging.document import Document, Mask, Page, Pixels
from steps.imaging.mask import encode_mask
from steps.inpaint import Inpaint, InpaintReport
from steps.inpaint.sources import not_copied
from steps.run import run
from steps.watch import Watch
from tests.steps.anonymize.markers import picture, png

BOX = (100, 60, 140, 160)
SOURCE = picture(BOX)


def mask_of(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (320, 240)) -> Mask:
    mask = np.zeros(size[::-1], np.uint8)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = 255
    return mask


def inpaint(
    content: bytes | Document,
    mask: Mask | None,
    context: Context | None = None,
    **parameters: object,
) -> tuple[StepResult, InpaintReport]:
    item = [Part(content=content, filename="a.png")]
    if mask is not None:
        item.append(Part(content=encode_mask(mask), role=Role.MASK, filename="a.mask.png"))
    result = run(Inpaint(), Item(parts=tuple(item)), parameters, context or Context())
    assert isinstance(result.report, InpaintReport)
    return result, result.report


def page_of(result: StepResult, index: int = 0) -> Page:
    content = result.parts[index].content
    assert isinstance(content, bytes)
    return decode(content).pages[0]


@pytest.mark.parametrize("backend", ["patchmatch", "telea", "stub"])
def test_the_marked_region_is_filled_and_the_rest_untouched(backend: str) -> None:
    result, report = inpaint(png(SOURCE), mask_of(BOX), backend=backend)
    after, grown = page_of(result).pixels, page_of(result, 1).pixels[..., 0]
    assert (after[grown == 0] == SOURCE[grown == 0]).all()
    assert (grown[60:160, 100:140] == 255).all()
    assert not (after[60:160, 100:140] == (255, 0, 255)).all(axis=2).any()
    (page,) = report.pages
    assert page.largest_difference_outside_mask == 0
    assert page.mask_share == pytest.approx((grown > 0).mean())
    assert report.mask_from == "mask"
    assert report.backends[0].name == backend


def test_without_a_mask_the_transparent_region_is_filled_and_made_opaque() -> None:
    alpha = 255 - mask_of(BOX)
    document = Document(pages=(Page(pixels=SOURCE, alpha=alpha),), mime_type="image/png")
    result, report = inpaint(document, None)
    assert report.mask_from == "alpha"
    assert page_of(result).alpha is None


def test_half_transparency_elsewhere_is_kept() -> None:
    alpha = np.where(mask_of(BOX) > 0, 0, 200).astype(np.uint8)
    document = Document(pages=(Page(pixels=SOURCE, alpha=alpha),), mime_type="image/png")
    after = page_of(inpaint(document, None)[0]).alpha
    assert after is not None
    assert after[5, 5] == 200
    assert after[100, 120] == 255


def test_an_empty_mask_gives_the_sources_own_pixels() -> None:
    result, report = inpaint(png(SOURCE), mask_of())
    assert (page_of(result).pixels == SOURCE).all()
    assert report.pages[0].changed_share == 0
    assert report.pages[0].seam is None


def test_a_full_mask_is_filled_with_something() -> None:
    result, _ = inpaint(png(SOURCE), mask_of((0, 0, 320, 240)))
    assert page_of(result).pixels.shape == SOURCE.shape


def test_no_mask_at_all_is_refused_with_what_would_be_accepted() -> None:
    with pytest.raises(InvalidItem, match=r"role 'mask'.*transparent"):
        inpaint(png(SOURCE), None)


def test_a_mask_of_another_size_is_refused_with_both_sizes() -> None:
    with pytest.raises(InvalidItem, match=r"10 × 20 px.*320 × 240") as caught:
        inpaint(png(SOURCE), mask_of(size=(10, 20)))
    assert caught.value.pointer == "a.mask.png"


def test_the_same_call_gives_the_same_bytes() -> None:
    first, _ = inpaint(png(SOURCE), mask_of(BOX), seed=4)
    second, _ = inpaint(png(SOURCE), mask_of(BOX), seed=4)
    assert [part.content for part in first.parts] == [part.content for part in second.parts]


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(InvalidParameters) as caught:
        inpaint(png(SOURCE), mask_of(BOX), dilat=3)
    assert caught.value.errors[0][0] == "/dilat"


def test_progress_reaches_one_and_cancelling_stops() -> None:
    seen: list[float] = []
    inpaint(png(SOURCE), mask_of(BOX), Context(on_progress=lambda f, _: seen.append(f)))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(Cancelled):
        inpaint(png(SOURCE), mask_of(BOX), Context(is_cancelled=lambda: True))


def test_a_seamless_fill_measures_about_one_and_a_patch_more() -> None:
    smooth, _ = inpaint(png(picture()), mask_of(BOX), backend="patchmatch")
    _, flat = inpaint(png(picture()), mask_of(BOX), backend="stub", feather=0)
    report = smooth.report
    assert isinstance(report, InpaintReport)
    assert report.pages[0].seam is not None
    assert flat.pages[0].seam is not None
    assert report.pages[0].seam < 3 < flat.pages[0].seam


def test_somebody_beside_the_hole_is_not_copied_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Magenta is a person to the stub detector: what fills is told not to copy it."""
    told = []

    def inpaint_all(self: StubInpainter, pixels: Pixels, mask: Mask, **more: Any) -> Pixels:
        told.append((pixels == (255, 0, 255)).all(axis=2))
        told.append(more["forbidden"])
        return pixels

    monkeypatch.setattr(StubInpainter, "inpaint", inpaint_all)
    hole = mask_of((150, 60, 200, 160))
    _, report = inpaint(png(SOURCE), hole, detector="stub", backend="stub")
    inpaint(png(SOURCE), hole, detector="none", backend="stub")
    magenta, watched, _, alone = told
    assert magenta.any()
    assert (watched[magenta] == 255).all()
    assert not alone.any()
    assert [backend.name for backend in report.backends] == ["stub", "stub"]


def test_clothes_go_on_where_the_hole_lies_on_somebody() -> None:
    shirt = SOURCE.copy()
    shirt[110:130, 112:128] = (20, 200, 20)
    forbidden = not_copied(shirt, mask_of((112, 110, 128, 130)), Watch(StubDetector()), Context())
    assert (forbidden[62:98, 102:138] == 255).all()
    assert not forbidden[140:160, 102:138].any()


def test_words_are_refused_by_name_where_the_backend_goes_by_the_surroundings() -> None:
    with pytest.raises(InvalidParameters, match=r"'stub'.*takes no words") as caught:
        inpaint(png(SOURCE), mask_of(BOX), backend="stub", prompt="a sofa")
    assert caught.value.pointer == "/prompt"
    with pytest.raises(InvalidParameters) as caught:
        inpaint(png(SOURCE), mask_of(BOX), backend="stub", negativePrompt="a sofa")
    assert caught.value.pointer == "/negativePrompt"
