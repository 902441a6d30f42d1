"""What kind of file some bytes are, by their content alone. The name and the declared type do not count."""

from steps.errors import ImageError, ImageUndecodable, ImageUnsupported

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
TIFF = "image/tiff"
BMP = "image/bmp"
HEIC = "image/heic"
AVIF = "image/avif"

READABLE = (JPEG, PNG, WEBP, TIFF, BMP, HEIC, AVIF)
"""Types that `steps.imaging` decodes."""
ACCEPTED = "accepted are JPEG, PNG, WebP, TIFF, BMP, HEIC and AVIF"
"""The tail of every message that refuses a kind of file."""

_SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
)
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)

_BRANDS = {
    b"avif": AVIF, b"avis": AVIF,
    b"heic": HEIC, b"heix": HEIC, b"heim": HEIC, b"heis": HEIC, b"hevc": HEIC, b"hevx": HEIC,
}  # fmt: skip

_REFUSED = (
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document (PSD)"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "an EPS document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\1\0", "an icon (ICO)"),
    (b"\x8aMNG", "an MNG animation"),
    (b"qoif", "a QOI picture"),
    (b"v/1\1", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
    (b"DDS ", "a DDS texture"),
    (b"FUJIFILMCCD-RAW", "a camera raw file (RAF)"),
    (b"IIRO", "a camera raw file (ORF)"),
    (b"IIRS", "a camera raw file (ORF)"),
    (b"MMOR", "a camera raw file (ORF)"),
    (b"IIU\0", "a camera raw file (RW2)"),
    (b"FOVb", "a camera raw file (X3F)"),
    (b"\0MRM", "a camera raw file (MRW)"),
    (b"\x1aE\xdf\xa3", "a video (Matroska or WebM)"),
    (b"FLV\1", "a video (FLV)"),
    (b"OggS", "a video or sound (Ogg)"),
    (b"\0\0\1\xba", "a video (MPEG)"),
    (b"\0\0\1\xb3", "a video (MPEG)"),
    (b"PK\3\4", "a ZIP archive or office document"),
    (b"\x1f\x8b", "a gzip archive"),
)


def sniff(content: bytes) -> str:
    """Return the media type of a file that can be decoded, one of `READABLE`.

    Raises:
        ImageUndecodable: empty, or not a picture at all.
        ImageUnsupported: a known kind that is not accepted; the message names it and what is.
    """
    if not content:
        raise ImageUndecodable(f"the file is empty; {ACCEPTED}")
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            if content[8:10] == b"CR" and kind == TIFF:
                raise ImageUnsupported(f"this is a camera raw file (CR2); {ACCEPTED}")
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[:2] == b"BM" and int.from_bytes(content[14:18], "little") in _BMP_HEADERS:
        return BMP
    if content[4:8] == b"ftyp":
        return _by_brand(content)
    raise _refusal(content)


def _by_brand(content: bytes) -> str:
    """Tell HEIC from AVIF, and both from a video, by the brands of the ``ftyp`` box."""
    end = min(int.from_bytes(content[:4], "big"), 256, len(content))
    brands = [content[8:12]] + [content[at : at + 4] for at in range(16, end - 3, 4)]
    for brand in brands:
        if brand in _BRANDS:
            return _BRANDS[brand]
    if brands[0] == b"crx ":
        raise ImageUnsupported(f"this is a camera raw file (CR3); {ACCEPTED}")
    if brands[0] in (b"mif1", b"msf1"):
        raise ImageUnsupported(f"this is a HEIF picture that is neither HEIC nor AVIF; {ACCEPTED}")
    raise ImageUnsupported(f"this is a video (MP4 or QuickTime); {ACCEPTED}")


def _refusal(content: bytes) -> ImageError:
    for signature, name in _REFUSED:
        if content.startswith(signature):
            return ImageUnsupported(f"this is {name}; {ACCEPTED}")
    if content[:4] == b"RIFF" and content[8:12] == b"AVI ":
        return ImageUnsupported(f"this is a video (AVI); {ACCEPTED}")
    if content[:1] == b"P" and content[1:2] in b"1234567" and content[2:3].isspace():
        return ImageUnsupported(f"this is a PNM picture; {ACCEPTED}")
    head = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<") and b"<svg" in head:
        return ImageUnsupported(f"this is an SVG drawing; {ACCEPTED}")
    if head.startswith((b"<!doctype html", b"<html")):
        return ImageUndecodable(f"this is an HTML page, not a picture; {ACCEPTED}")
    if _is_text(content[:1024]):
        return ImageUndecodable(f"this is text, not a picture; {ACCEPTED}")
    return ImageUndecodable(
        f"this is no known picture (it begins with {content[:8].hex(' ')}); {ACCEPTED}"
    )


def _is_text(head: bytes) -> bool:
    return all(byte >= 0x20 or byte in b"\t\n\r\f" for byte in head)
