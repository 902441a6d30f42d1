"""Pages, strips, tiles and planes of TIFFs."""

import struct

import numpy as np
import pytest

from steps.imaging.decode import decode
from tests.steps.imaging.decoded import page_of
from tests.steps.imaging.pictures import HEIGHT, WIDTH, gradient, grey, rgb, saved, valid_files
from tests.steps.imaging.tiffs import page_tags, tiff


def test_a_tiff_gives_its_pages_in_their_modes() -> None:
    document = decode(valid_files()["tiff-pages"])
    first, second, third = document.pages
    assert first.grey
    assert second.alpha is not None
    assert not third.grey
    assert [page.size for page in document.pages] == [(WIDTH, HEIGHT), (WIDTH, HEIGHT), (20, 30)]
    assert np.array_equal(second.pixels, gradient())
    assert np.array_equal(third.pixels, gradient(20, 30))


def test_reduced_pictures_of_a_tiff_are_no_pages() -> None:
    tags = page_tags(WIDTH, HEIGHT, 8)
    first = tiff(np.asarray(grey()).tobytes(), tags)
    second = tiff(bytes(WIDTH * HEIGHT), tags | {254: (1,)})
    shift = len(first)
    # The second file's directory goes behind the first file, with its offsets moved along.
    directory = int.from_bytes(second[4:8], "little")
    moved = tiff(bytes(WIDTH * HEIGHT), tags | {254: (1,), 273: (shift + 8,)})
    joined = tiff(np.asarray(grey()).tobytes(), tags, following=shift + directory) + moved
    document = decode(joined)
    assert len(document.pages) == 1
    assert "thumbnail" in document.stripped
    assert np.array_equal(document.pages[0].pixels[..., 0], np.asarray(grey()))


@pytest.mark.parametrize(
    "compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma"]
)
def test_compressed_tiffs(compression: str) -> None:
    assert np.array_equal(page_of(saved(rgb(), "TIFF", compression=compression)).pixels, gradient())


def test_tiled_and_planar_tiffs() -> None:
    padded = np.zeros((48, 64, 3), np.uint8)
    padded[:HEIGHT, :WIDTH] = gradient()
    blocks = padded.reshape(3, 16, 4, 16, 3).swapaxes(1, 2).reshape(12, -1)
    starts = [8 + 768 * number for number in range(12)]
    tiled = page_tags(WIDTH, HEIGHT, 8, 3) | {322: (16,), 323: (16,), 324: starts, 325: [768] * 12}
    del tiled[278]
    assert np.array_equal(page_of(tiff(blocks.tobytes(), tiled)).pixels, gradient())
    planes = np.ascontiguousarray(np.moveaxis(gradient(), 2, 0))
    one = WIDTH * HEIGHT
    planar = page_tags(WIDTH, HEIGHT, 8, 3, t284=2) | {
        273: (8, 8 + one, 8 + 2 * one),
        279: (one,) * 3,
    }
    assert np.array_equal(page_of(tiff(planes.tobytes(), planar)).pixels, gradient())


@pytest.mark.parametrize("counts", [(1_000_000,), ()])
def test_an_uncompressed_page_needs_no_right_byte_counts(counts: tuple[int, ...]) -> None:
    """Some programs write nonsense there; the shape of the page says what they are."""
    content = tiff(
        gradient().tobytes(), page_tags(WIDTH, HEIGHT, 8, 3) | ({279: counts} if counts else {})
    )
    if not counts:
        content = content.replace(struct.pack("<HHI", 279, 4, 1), struct.pack("<HHI", 65000, 4, 1))
    assert np.array_equal(page_of(content).pixels, gradient())
