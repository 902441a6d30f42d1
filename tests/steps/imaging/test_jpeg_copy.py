"""A JPEG in which nothing was done comes back with the very same pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from steps.contract import Output
from steps.imaging.decode import decode
from steps.imaging.document import Pixels
from steps.imaging.encode import encode, is_exact
from tests.steps.imaging.pictures import grey, private_exif, rgb, saved, srgb_profile

KEPT = Output()


def pixels_of(content: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("picture", [rgb(), grey()], ids=["colour", "grey"])
@pytest.mark.parametrize("progressive", [True, False])
def test_an_unchanged_picture_is_not_coded_again(picture: Image.Image, progressive: bool) -> None:
    content = saved(picture, "JPEG", quality=71, progressive=progressive)
    document = decode(content)
    assert is_exact(document, KEPT)
    result, mime_type = encode(document, KEPT)
    assert mime_type == "image/jpeg"
    assert (pixels_of(result) == pixels_of(content)).all()
    assert result.endswith(b"\xff\xd9")


def test_its_metadata_is_cleaned_all_the_same() -> None:
    content = saved(
        rgb(), "JPEG", exif=private_exif(1), icc_profile=srgb_profile(), comment=b"secret"
    )
    document = decode(content)
    result, _ = encode(document, KEPT)
    again = decode(result)
    assert is_exact(document, KEPT)
    assert again.pages[0].icc == srgb_profile()
    assert again.exif == document.exif is not None
    assert again.stripped == ()
    assert b"secret" not in result


def test_a_large_profile_is_cut_into_pieces() -> None:
    profile = srgb_profile() + bytes(150_000)
    document = decode(saved(rgb(), "JPEG"))
    page = document.pages[0]
    from dataclasses import replace

    with_profile = document.with_pages((replace(page, icc=profile),))
    result, _ = encode(with_profile, KEPT)
    assert Image.open(io.BytesIO(result)).info["icc_profile"] == profile


def test_a_changed_picture_is_coded_again() -> None:
    document = decode(saved(rgb(), "JPEG"))
    page = document.pages[0]
    changed = document.with_pages((page.with_pixels(page.pixels // 2, page.alpha),))
    assert not is_exact(changed, KEPT)
    assert np.abs(pixels_of(encode(changed, KEPT)[0]).astype(int) - page.pixels // 2).max() < 40


def test_a_rotated_picture_or_another_quality_is_coded_again() -> None:
    rotated = decode(saved(rgb(), "JPEG", exif=private_exif(6)))
    assert not is_exact(rotated, KEPT)
    assert not is_exact(decode(saved(rgb(), "JPEG")), Output(quality=50))


def test_a_thumbnail_inside_the_jfif_segment_does_not_travel() -> None:
    plain = saved(rgb(), "JPEG")
    thumbnail = bytes(range(48))
    body = plain[6:18] + b"\x04\x04" + thumbnail
    content = plain[:4] + (len(body) + 2).to_bytes(2, "big") + body + plain[20:]
    document = decode(content)
    result, _ = encode(document, KEPT)
    assert "thumbnail" in document.stripped
    assert thumbnail not in result
    assert (pixels_of(result) == pixels_of(plain)).all()
