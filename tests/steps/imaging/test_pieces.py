"""The small parts: directories, sniffing, limits, samples, masks."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from steps.contract import Output
from steps.environment import Environment
from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported
from steps.imaging.decode import decode
from steps.imaging.document import Document, Page
from steps.imaging.encode import encode
from steps.imaging.ifd import (
    BrokenDirectory,
    Entry,
    integers_entry,
    read_directory,
    write_directory,
)
from steps.imaging.limits import Limits
from steps.imaging.mask import decode_mask, decode_masks, encode_mask, encode_masks, mask_of
from steps.imaging.samples import extent, rescale
from steps.imaging.sniff import READABLE, sniff
from tests.steps.imaging.decoded import fault
from tests.steps.imaging.pictures import rgb, saved, valid_files, with_alpha

sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))


@given(
    st.dictionaries(st.integers(256, 65535), st.lists(st.integers(0, 65535), min_size=1, max_size=9), max_size=20),
    st.sampled_from("<>"),
    st.integers(4, 500).map(lambda number: number * 2),
)  # fmt: skip
def test_a_directory_is_read_as_it_was_written(
    tags: dict[int, list[int]], order: str, offset: int
) -> None:
    entries = [integers_entry(tag, 3, values, order) for tag, values in tags.items()]
    content = bytes(offset) + write_directory(entries, order, offset, 77)
    directory = read_directory(content, order, False, offset)
    assert {tag: list(directory.integers(tag) or ()) for tag in directory.places} == tags
    assert directory.next == 77


@given(st.binary(max_size=300), st.sampled_from("<>"), st.booleans(), st.integers(0, 300))
def test_noise_is_a_directory_or_a_broken_one(
    noise: bytes, order: str, big: bool, offset: int
) -> None:
    try:
        directory = read_directory(noise, order, big, offset)
    except BrokenDirectory:
        return
    for tag in directory.places:
        entry = directory.entry(tag)
        assert isinstance(entry, Entry)
        assert len(entry.raw) <= len(noise)
        directory.integers(tag)
        directory.rational(tag)


@pytest.mark.parametrize("name", valid_files())
def test_sniffing_tells_every_type(name: str) -> None:
    assert sniff(valid_files()[name]) in READABLE
    assert sniff(valid_files()[name]).endswith(name.split("-", maxsplit=1)[0])


@given(st.binary(max_size=64))
def test_sniffing_noise_gives_a_type_or_an_image_error(noise: bytes) -> None:
    found = fault(sniff, noise)
    assert "accepted are JPEG, PNG, WebP" in found.detail if found else sniff(noise) in READABLE


@given(st.binary(max_size=400), st.sampled_from(sorted(valid_files())))
def test_noise_behind_a_header_gives_a_picture_or_an_image_error(noise: bytes, name: str) -> None:
    found = fault(decode, valid_files()[name][:24] + noise)
    assert type(found) in (type(None), ImageUndecodable, ImageUnsupported, ImageTooLarge)


def test_limits_come_from_the_environment() -> None:
    limits = Limits.from_env(
        {"RETUSCHE_MAX_PIXELS": "1000", "RETUSCHE_MAX_PAGES": "", "OTHER": "x"}
    )
    assert limits == Limits(max_pixels=1000)
    environment = Environment.from_env(
        {"RETUSCHE_WEIGHTS_DIR": "/nowhere", "RETUSCHE_MAX_PAGES": "3"}
    )
    assert environment.limits == Limits(max_pages=3)
    for value in ("0", "-1", "1e6", "many"):
        with pytest.raises(
            ValueError, match=r"RETUSCHE_MAX_SIDE=.* must be a whole number of at least 1"
        ):
            Limits.from_env({"RETUSCHE_MAX_SIDE": value})


@given(arrays.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_16_bits_keep_their_order_and_their_ends(
    numbers: np.ndarray[tuple[int, int], np.dtype[np.uint16]],
) -> None:
    scaled = rescale(numbers, 0.0, 65535.0)
    assert (np.abs(scaled - numbers / 257.0) <= 0.5 + 1e-9).all()
    assert np.array_equal(rescale(numbers, 0.0, 65535.0, inverted=True), 255 - scaled)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_any_floating_point_picture_has_a_black_and_a_white(
    numbers: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    low, high = extent([numbers])
    assert low < high
    assert rescale(numbers, low, high).shape == numbers.shape


pages = st.tuples(
    sizes, st.sampled_from([0, 1]), st.sampled_from([0, 1]), st.integers(0, 2**32 - 1)
)


@given(
    st.lists(pages, min_size=1, max_size=3),
    st.sampled_from(["image/png", "image/tiff", "image/webp"]),
)
def test_any_document_survives_a_lossless_file(
    shapes: list[tuple[tuple[int, int], int, int, int]], kind: str
) -> None:
    made = tuple(_page(*shape) for shape in shapes)
    document = Document(
        pages=made if kind == "image/tiff" else made[:1], mime_type=kind, lossless=True
    )
    content, mime_type = encode(document, Output())
    assert mime_type == kind
    for before, after in zip(document.pages, decode(content).pages, strict=True):
        assert np.array_equal(before.pixels, after.pixels)
        if before.alpha is None or (before.alpha == 255).all():
            assert after.alpha is None or (after.alpha == 255).all()
        else:
            assert after.alpha is not None
            assert np.array_equal(before.alpha, after.alpha)


def _page(size: tuple[int, int], grey: int, alpha: int, seed: int) -> Page:
    rng = np.random.default_rng(seed)
    width, height = size
    pixels = rng.integers(0, 256, (height, width, 1 if grey else 3), np.uint8)
    opacity = rng.integers(0, 256, (height, width), np.uint8) if alpha else None
    return Page(
        pixels=np.repeat(pixels, 3, axis=2) if grey else pixels, alpha=opacity, grey=bool(grey)
    )


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30))))
def test_a_mask_survives(mask: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    content = encode_mask(mask)
    assert np.array_equal(decode_mask(content), mask)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.mode == "L"


def test_masks_of_several_pages_are_a_tiff() -> None:
    masks = [np.full((9, 7), 255, np.uint8), np.zeros((5, 5), np.uint8)]
    content, mime_type = encode_masks(masks)
    assert mime_type == "image/tiff"
    assert all(np.array_equal(a, b) for a, b in zip(decode_masks(content), masks, strict=True))
    assert encode_masks(masks[:1])[1] == "image/png"


def test_a_mask_may_be_any_picture() -> None:
    white = Image.new("RGB", (8, 8), "white")
    assert (decode_mask(saved(white, "JPEG")) == 255).all()
    assert (decode_mask(saved(white.convert("1"), "PNG")) == 255).all()
    assert (decode_mask(saved(white.convert("L"), "BMP")) == 255).all()
    assert (
        abs(decode_mask(saved(rgb(), "PNG")).astype(int) - np.asarray(rgb().convert("L"))).max()
        <= 1
    )


def test_what_is_transparent_in_a_mask_is_kept() -> None:
    page = decode(saved(with_alpha(), "PNG")).pages[0]
    assert (mask_of(page)[:, 0] == 0).all()
