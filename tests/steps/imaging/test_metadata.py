"""What metadata is kept, what is dropped, and that the document says so."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from steps.contract import Output
from steps.imaging.decode import decode
from steps.imaging.encode import encode
from steps.imaging.metadata import clean_exif
from steps.imaging.reading.png_chunks import chunk
from tests.steps.imaging.pictures import heic, private_exif, rgb, saved, with_alpha

DROPPED = ("description", "gps", "maker-notes", "owner-name", "serial-numbers")
SOURCES = {
    "JPEG": lambda: saved(rgb(), "JPEG", exif=private_exif(6)),
    "PNG": lambda: saved(with_alpha(), "PNG", exif=private_exif(6)),
    "WEBP": lambda: saved(rgb(), "WEBP", exif=private_exif(6)),
    "TIFF": lambda: saved(rgb(), "TIFF", exif=private_exif(6)),
    "AVIF": lambda: saved(rgb(), "AVIF", exif=private_exif(6)),
    "HEIC": lambda: heic(exif=private_exif(6)),
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/webp", "image/tiff"])
def test_secrets_go_and_copyright_stays(kind: str, mime_type: str) -> None:
    source = SOURCES[kind]()
    assert b"SECRET" in source
    document = decode(source)
    assert document.stripped == DROPPED
    content, _ = encode(document, Output(mime_type=mime_type))
    assert b"SECRET" not in content
    assert b"Millers" not in content
    with Image.open(io.BytesIO(content)) as picture:
        exif = picture.getexif()
        details = exif.get_ifd(0x8769)
        assert exif[0x8298] == "(c) 2026 A. Photographer"
        assert (exif[0x010F], exif[0x0110], exif[0x013B]) == ("Maker", "Model 1", "A. Photographer")
        assert exif[0x0132] == "2026:11:22 10:00:00"
        assert details[0x9003] == "2026:11:22 09:59:59"
        assert details[0x829A] == pytest.approx(1 / 125)
        assert 0x8825 not in exif
        assert exif.get(0x0112, 1) == 1
        assert not set(details) & {0xA430, 0xA431, 0xA435, 0x927C, 0x9286}
    again = decode(content)
    assert again.stripped == ()
    assert again.pages[0].size == document.pages[0].size


def with_thumbnail() -> bytes:
    """Return an EXIF block whose second directory holds a small JPEG."""
    thumbnail = saved(rgb(16, 12), "JPEG")
    first = 8 + 2 + 12 + 4
    second = 2 + 12 * 2 + 4
    return (
        b"Exif\0\0II*\0\x08\0\0\0"
        + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 1, first)
        + struct.pack("<H", 2)
        + struct.pack("<HHII", 0x0201, 4, 1, first + second)
        + struct.pack("<HHII", 0x0202, 4, 1, len(thumbnail))
        + struct.pack("<I", 0)
        + thumbnail
    )


def test_a_thumbnail_goes() -> None:
    block = with_thumbnail()
    thumbnail = block[block.index(b"\xff\xd8") :]
    document = decode(saved(rgb(), "JPEG", exif=block))
    assert document.stripped == ("thumbnail",)
    assert document.exif is None
    assert thumbnail not in encode(document, Output())[0]


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    ("marker", "body", "word"),
    [
        (0xFE, b"SECRET", "comments"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET", "xmp"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x06SECRET", "iptc"),
        (0xE0, b"JFXX\0\x10SECRET", "thumbnail"),
        (0xE2, b"MPF\0SECRET", "embedded-pictures"),
        (0xEB, b"JP\0\0SECRET", "other-tags"),
        (0xE7, b"SECRET", "other-tags"),
    ],
)
def test_segments_of_a_jpeg_go(marker: int, body: bytes, word: str) -> None:
    plain = saved(rgb(), "JPEG")
    document = decode(plain[:2] + segment(marker, body) + plain[2:])
    assert document.stripped == (word,)
    assert b"SECRET" not in encode(document, Output())[0]
    assert (document.pages[0].pixels == decode(plain).pages[0].pixels).all()


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt"])
def test_texts_of_a_png_go(name: bytes) -> None:
    """Image generators write their whole workflow and prompt there."""
    plain = saved(rgb(), "PNG")
    document = decode(plain[:33] + chunk(name, b"workflow\0SECRET") + plain[33:])
    assert document.stripped == ("text",)
    assert b"SECRET" not in encode(document, Output())[0]


def test_xmp_of_a_webp_and_an_avif_goes() -> None:
    for kind in ("WEBP", "AVIF"):
        document = decode(saved(rgb(), kind, xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>"))
        assert document.stripped == ("xmp",)
        assert b"SECRET" not in encode(document, Output())[0]


def test_long_values_go() -> None:
    """A tag may not smuggle a megabyte along, nor burst a JPEG's segment of 64 KB."""
    exif = Image.Exif()
    exif[0x8298], exif[0x013B] = "x" * 5000, "y" * 2000
    cleaned = clean_exif(exif.tobytes())
    assert cleaned.exif is not None
    assert b"xxxx" not in cleaned.exif
    assert b"yyyy" in cleaned.exif
    assert cleaned.stripped == {"other-tags"}


def test_cleaning_a_clean_block_changes_nothing() -> None:
    once = clean_exif(private_exif(1))
    twice = clean_exif(once.exif)
    assert twice.exif == once.exif
    assert twice.stripped == frozenset()


@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"nonsense"]
)
def test_a_broken_block_is_dropped_and_the_picture_read(block: bytes) -> None:
    plain = saved(rgb(), "JPEG")
    document = decode(
        plain[:2] + segment(0xE1, b"Exif\0\0" + block.removeprefix(b"Exif\0\0")) + plain[2:]
    )
    assert document.exif is None
    assert document.pages[0].size == (61, 43)


@given(st.binary(max_size=200), st.booleans())
def test_no_block_breaks_the_cleaning(noise: bytes, framed: bool) -> None:
    block = b"II*\0\x08\0\0\0" + noise if framed else noise
    cleaned = clean_exif(block)
    assert 1 <= cleaned.orientation <= 8
    assert clean_exif(cleaned.exif).exif == cleaned.exif


@given(st.data())
def test_a_damaged_block_never_leaks_or_breaks(data: st.DataObject) -> None:
    block = bytearray(private_exif(6))
    for _ in range(data.draw(st.integers(1, 6))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    cleaned = clean_exif(bytes(block))
    assert len(cleaned.exif or b"") < 64_000
    assert clean_exif(cleaned.exif).stripped == frozenset()
