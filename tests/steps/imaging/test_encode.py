"""Documents as files again: type, pixels, alpha, profile, resolution, the same bytes each time."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from steps.contract import Output
from steps.errors import InvalidParameters
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page
from steps.imaging.encode import WRITABLE, encode, is_exact, result_name
from tests.steps.imaging.pictures import (
    gradient,
    grey,
    heic,
    rgb,
    saved,
    srgb_profile,
    valid_files,
    with_alpha,
)
from tests.steps.imaging.profiles import grey_profile

KEPT = Output()


def again(document: Document, output: Output = KEPT) -> Document:
    """Encode and decode once more."""
    content, mime_type = encode(document, output)
    result = decode(content)
    assert result.mime_type == mime_type
    return result


@pytest.mark.parametrize("name", valid_files())
@pytest.mark.parametrize("mime_type", [None, *WRITABLE])
def test_every_picture_can_be_written_as_every_type(name: str, mime_type: str | None) -> None:
    document = decode(valid_files()[name])
    if len(document.pages) > 1 and mime_type not in (None, "image/tiff"):
        with pytest.raises(InvalidParameters, match="3; image/tiff holds them all") as caught:
            encode(document, Output(mime_type=mime_type))
        assert caught.value.pointer == "/output/mimeType"
        return
    result = again(document, Output(mime_type=mime_type))
    assert [page.size for page in result.pages] == [page.size for page in document.pages]
    if result.mime_type in ("image/png", "image/tiff", "image/bmp") or (
        result.mime_type == "image/webp" and document.lossless
    ):
        for before, after in zip(document.pages, result.pages, strict=True):
            if before.alpha is None or result.mime_type != "image/bmp":
                assert np.array_equal(before.pixels, after.pixels)
            assert before.grey == after.grey or result.mime_type == "image/webp"


@pytest.mark.parametrize("name", valid_files())
@pytest.mark.parametrize("mime_type", WRITABLE)
def test_the_same_document_gives_the_same_bytes(name: str, mime_type: str) -> None:
    document = decode(valid_files()[name])
    document = document.with_pages(document.pages[:1])
    output = Output(mime_type=mime_type)
    again = decode(valid_files()[name])
    assert encode(document, output) == encode(again.with_pages(again.pages[:1]), output)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jpeg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp"), ("tiff-pages", "image/tiff"),
        ("bmp", "image/bmp"), ("heic", "image/jpeg"), ("avif", "image/jpeg"),
    ],
)  # fmt: skip
def test_the_source_type_is_kept_where_it_can_be_written(name: str, expected: str) -> None:
    assert encode(decode(valid_files()[name]), KEPT)[1] == expected


def test_a_transparent_avif_comes_back_as_png() -> None:
    content, mime_type = encode(decode(saved(with_alpha(), "AVIF")), KEPT)
    assert mime_type == "image/png"
    assert decode(content).pages[0].alpha is not None


@pytest.mark.parametrize("wanted", ["image/gif", "image/heic", "image/jpg", "", "JPEG"])
def test_other_types_are_refused(wanted: str) -> None:
    with pytest.raises(InvalidParameters, match="cannot be written; image/jpeg, ") as caught:
        encode(decode(valid_files()["jpeg"]), Output(mime_type=wanted))
    assert caught.value.pointer == "/output/mimeType"


@pytest.mark.parametrize("quality", [0, -1, 101])
def test_an_impossible_quality_is_refused(quality: int) -> None:
    with pytest.raises(InvalidParameters, match=r"within 1\.\.100") as caught:
        encode(decode(valid_files()["jpeg"]), Output(quality=quality))
    assert caught.value.pointer == "/output/quality"


@pytest.mark.parametrize("mime_type", ["image/png", "image/webp", "image/tiff"])
def test_alpha_is_written(mime_type: str) -> None:
    document = decode(saved(with_alpha(), "PNG"))
    alpha = again(document, Output(mime_type=mime_type)).pages[0].alpha
    assert alpha is not None
    assert np.array_equal(alpha, gradient()[..., 0])


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/bmp"])
def test_transparency_is_laid_on_white_where_there_is_none(mime_type: str) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    alpha = np.zeros((16, 16), np.uint8)
    alpha[8:] = 255
    document = Document(pages=(Page(pixels=pixels, alpha=alpha),), mime_type="image/png")
    result = again(document, Output(mime_type=mime_type, quality=100)).pages[0]
    assert result.alpha is None
    assert result.pixels[2, 2].tolist() == [255, 255, 255]
    assert result.pixels[13, 13].tolist() == [0, 0, 0]


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/webp", "image/tiff"])
def test_profile_and_resolution_are_written(mime_type: str) -> None:
    document = decode(saved(rgb(), "TIFF", icc_profile=srgb_profile(), dpi=(300, 150)))
    page = again(document, Output(mime_type=mime_type)).pages[0]
    assert page.icc == srgb_profile()
    if mime_type != "image/webp":
        assert page.dpi == pytest.approx((300, 150), rel=1e-3)


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/tiff"])
def test_grey_stays_one_channel_with_its_profile(mime_type: str) -> None:
    document = decode(saved(grey(), "JPEG", icc_profile=grey_profile()))
    content, _ = encode(document, Output(mime_type=mime_type))
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.mode == "L"
    assert decode(content).pages[0].icc == grey_profile()


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/tiff", "image/bmp"])
def test_a_grey_picture_that_got_colour_is_written_in_colour(mime_type: str) -> None:
    document = decode(saved(grey(), "PNG"))
    pixels = document.pages[0].pixels.copy()
    pixels[-1, -1] = (255, 0, 0)
    page = document.pages[0].with_pixels(pixels)
    content, _ = encode(
        document.with_pages((replace(page, icc=grey_profile()),)), Output(mime_type=mime_type)
    )
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.mode == "RGB"
    assert decode(content).pages[0].icc is None


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("quality", [30, 75, 98])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_written_as_its_source_was(
    subsampling: str, quality: int, progressive: bool
) -> None:
    source = saved(rgb(), "JPEG", quality=quality, subsampling=subsampling, progressive=progressive)
    content, _ = encode(decode(source), KEPT)
    before, after = Image.open(io.BytesIO(source)), Image.open(io.BytesIO(content))
    assert after.quantization == before.quantization  # type: ignore[attr-defined]
    assert after.layer == before.layer  # type: ignore[attr-defined]
    assert after.info.get("progressive") == before.info.get("progressive")
    assert (
        abs(decode(content).pages[0].pixels.astype(int) - decode(source).pages[0].pixels).max()
        <= 12
    )


def test_a_quality_keeps_the_source_subsampling() -> None:
    source = decode(saved(rgb(), "JPEG", quality=60, subsampling="4:2:2"))
    for quality in (50, 95):
        content, _ = encode(source, Output(quality=quality))
        with Image.open(io.BytesIO(content)) as picture:
            wanted = Image.open(
                io.BytesIO(saved(rgb(), "JPEG", quality=quality, subsampling="4:2:2"))
            )
            assert picture.quantization == wanted.quantization  # type: ignore[attr-defined]
            assert picture.layer == wanted.layer  # type: ignore[attr-defined]


@pytest.mark.parametrize(("quality", "sampling"), [(None, 1), (95, 1), (90, 1), (89, 2), (40, 2)])
def test_other_sources_become_jpegs_in_full_colour_from_quality_90(
    quality: int | None, sampling: int
) -> None:
    content, _ = encode(
        decode(saved(rgb(), "PNG")), Output(mime_type="image/jpeg", quality=quality)
    )
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.layer[0][1:3] == (sampling, sampling)  # type: ignore[attr-defined]


def test_a_cmyk_jpeg_is_not_written_worse() -> None:
    source = saved(rgb().convert("CMYK"), "JPEG", quality=95)
    content, _ = encode(decode(source), KEPT)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.mode == "RGB"
        written = picture.quantization.values()  # type: ignore[attr-defined]
    with Image.open(io.BytesIO(source)) as picture:
        given = picture.quantization.values()  # type: ignore[attr-defined]
    assert all((np.array(new) <= old).all() for new in written for old in given)
    difference = decode(content).pages[0].pixels.astype(int) - decode(source).pages[0].pixels
    assert abs(difference).mean() < 2


def test_a_lossless_source_becomes_a_lossless_webp_unless_a_quality_is_asked_for() -> None:
    document = decode(saved(rgb(), "PNG"))
    assert np.array_equal(
        again(document, Output(mime_type="image/webp")).pages[0].pixels, gradient()
    )
    lossy = encode(document, Output(mime_type="image/webp", quality=50))[0]
    assert not decode(lossy).lossless


def test_a_picture_too_large_for_its_type_becomes_a_png() -> None:
    wide = Page(pixels=np.zeros((1, 16_384, 3), np.uint8))
    document = Document(pages=(wide,), mime_type="image/webp")
    assert encode(document, KEPT)[1] == "image/png"
    with pytest.raises(
        InvalidParameters, match="16,383 pixels a side and the picture has 16,384 × 1"
    ):
        encode(document, Output(mime_type="image/webp"))


def test_a_heic_with_a_rotation_is_written_upright_once() -> None:
    from tests.steps.imaging.pictures import exif_block

    document = decode(heic(exif=exif_block(6)))
    assert again(document).pages[0].size == document.pages[0].size == (43, 61)


@pytest.mark.parametrize(
    ("filename", "mime_type", "label", "expected"),
    [
        ("kitchen.jpg", "image/jpeg", "", "kitchen.jpg"),
        ("KITCHEN.JPG", "image/jpeg", "", "KITCHEN.JPG"),
        ("IMG_1.HEIC", "image/jpeg", "", "IMG_1.jpg"),
        ("scan.tif", "image/tiff", "", "scan.tif"),
        ("scan", "image/tiff", "", "scan.tiff"),
        ("a.b.png", "image/jpeg", "", "a.b.jpg"),
        ("", "image/png", "", "picture.png"),
        ("kitchen.jpg", "image/png", "mask", "kitchen.mask.png"),
        ("kitchen.png", "image/png", "mask", "kitchen.mask.png"),
        ("../../etc/passwd", "image/png", "", "passwd.png"),
        ("C:\\photos\\a.jpg", "image/jpeg", "", "a.jpg"),
        ("..", "image/png", "", "picture.png"),
        ("/", "image/png", "", "picture.png"),
        (".jpg", "image/jpeg", "", "jpg.jpg"),
    ],
)  # fmt: skip
def test_names_of_results(filename: str, mime_type: str, label: str, expected: str) -> None:
    assert result_name(filename, mime_type, label=label) == expected


@pytest.mark.parametrize("name", valid_files())
@pytest.mark.parametrize("mime_type", [None, *WRITABLE])
def test_what_is_called_exact_is_exact(name: str, mime_type: str | None) -> None:
    document = decode(valid_files()[name])
    document = document.with_pages(document.pages[:1])
    output = Output(mime_type=mime_type)
    if is_exact(document, output):
        assert np.array_equal(again(document, output).pages[0].pixels, document.pages[0].pixels)
    else:
        assert encode(document, output)[1] in ("image/jpeg", "image/webp", "image/bmp")
