"""Limits are checked on the header, and Pillow's own settings neither matter nor change."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageFile

from steps.errors import ImageTooLarge, ImageUndecodable
from steps.imaging.decode import decode
from steps.imaging.header import inspect
from steps.imaging.limits import Limits
from tests.steps.imaging.decoded import fault, page_of
from tests.steps.imaging.hostile_tiff import tiff_contents
from tests.steps.imaging.pictures import rgb, saved, valid_files


@pytest.mark.parametrize("name", valid_files())
def test_the_header_says_what_decoding_gives(name: str) -> None:
    content = valid_files()[name]
    header, document = inspect(content), decode(content)
    assert header.mime_type == document.mime_type
    upright = [sorted(page.size) for page in document.pages]
    if (
        header.mime_type != "image/heic"
    ):  # an encoder pads its frame to whole blocks and crops by a property
        assert [sorted(size) for size in header.sizes] == upright


@pytest.mark.parametrize("name", valid_files())
def test_limits_are_checked_before_anything_is_decoded(name: str) -> None:
    content = valid_files()[name]
    for limits in (
        Limits(max_pixels=500),
        Limits(max_side=25),
        Limits(max_bytes=100),
        Limits(max_total_pixels=99),
    ):
        with pytest.raises(ImageTooLarge) as caught:
            inspect(content, filename="photo", limits=limits)
        assert caught.value.detail.startswith("photo: ")


def test_pages_are_limited_one_by_one_and_together() -> None:
    content = valid_files()["tiff-pages"]
    with pytest.raises(ImageTooLarge, match="more than 2 pages"):
        decode(content, limits=Limits(max_pages=2))
    with pytest.raises(ImageTooLarge, match="3 pages have 5,846 pixels together"):
        decode(content, limits=Limits(max_total_pixels=5845))
    assert len(decode(content, limits=Limits(max_total_pixels=5846, max_pages=3)).pages) == 3


def test_a_truncated_picture_stays_refused_whatever_others_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    content = saved(rgb(), "JPEG")
    with pytest.raises(ImageUndecodable):
        decode(content[:-100])


def test_pillows_own_bomb_limit_is_neither_used_nor_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000_000)
    for kind in ("JPEG", "PNG", "TIFF", "BMP"):
        assert page_of(saved(Image.new("L", (5000, 5000)), kind)).size == (5000, 5000)
    assert Image.MAX_IMAGE_PIXELS == 10_000_000


def test_threads_do_not_hear_each_other() -> None:
    """A damaged fax page in one thread must neither pass nor spoil the good ones of the others."""
    good = valid_files()["tiff-g4"]
    bad = next(hostile.content for hostile in tiff_contents() if hostile.name == "tiff-broken-fax")
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda number: fault(decode, bad if number % 3 == 0 else good), range(300))
        )
    assert [error is not None for error in found] == [number % 3 == 0 for number in range(300)]
