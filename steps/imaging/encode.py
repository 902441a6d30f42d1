"""From a `Document` to the bytes of a file.

The result has the source's type where that can be written: JPEG, PNG, WebP, TIFF, BMP. A HEIC or AVIF comes back as
a JPEG (as a PNG if it is transparent), because what reads the results reads those. A picture that is too large for
its own type becomes a PNG. A type that the caller names is kept to, or refused.
"""

from pathlib import PurePosixPath

from steps.contract import Output
from steps.errors import InvalidParameters
from steps.imaging.document import Document
from steps.imaging.sniff import BMP, JPEG, PNG, TIFF, WEBP
from steps.imaging.writing import jpeg, webp
from steps.imaging.writing.bmp import write_bmp
from steps.imaging.writing.jpeg import write_jpeg
from steps.imaging.writing.png import write_png
from steps.imaging.writing.tiff import write_tiff
from steps.imaging.writing.webp import write_webp

WRITABLE = {JPEG: ".jpg", PNG: ".png", WEBP: ".webp", TIFF: ".tiff", BMP: ".bmp"}
"""Types that can be written, and the suffix of their files."""
_SUFFIXES = {JPEG: (".jpg", ".jpeg", ".jpe"), TIFF: (".tiff", ".tif")}
_MAX_SIDES = {JPEG: jpeg.MAX_SIDE, WEBP: webp.MAX_SIDE}
_POINTER = "/output/mimeType"


def encode(document: Document, output: Output) -> tuple[bytes, str]:
    """Return a document as a file, and its media type. The same document and output give the same bytes.

    Raises:
        InvalidParameters: `output` names a type that cannot be written or that cannot hold the document, or a
            quality outside 1..100; the pointer names the field.
        ImageTooLarge: the file would be larger than its type can be.
    """
    if output.quality is not None and not 1 <= output.quality <= 100:
        raise InvalidParameters(
            f"quality {output.quality} is not within 1..100", pointer="/output/quality"
        )
    mime_type = output_type(document, output)
    page = document.pages[0]
    match mime_type:
        case "image/jpeg":
            content = write_jpeg(page, document.exif, document.jpeg, output.quality)
        case "image/webp":
            content = write_webp(
                page, document.exif, lossless=document.lossless, quality=output.quality
            )
        case "image/tiff":
            content = write_tiff(document.pages, document.exif)
        case "image/bmp":
            content = write_bmp(page)
        case _:
            content = write_png(page, document.exif)
    return content, mime_type


def output_type(document: Document, output: Output) -> str:
    """Return the media type that `encode` will write.

    Raises:
        InvalidParameters: as `encode`.
    """
    wanted = output.mime_type
    if wanted is None:
        return _own_type(document)
    if wanted not in WRITABLE:
        raise InvalidParameters(
            f"{wanted!r} cannot be written; {', '.join(WRITABLE)} can", pointer=_POINTER
        )
    if len(document.pages) > 1 and wanted != TIFF:
        raise InvalidParameters(
            f"{wanted} holds one page and the document has {len(document.pages)}; {TIFF} holds them all",
            pointer=_POINTER,
        )
    if not _fits(document, wanted):
        raise InvalidParameters(
            f"{wanted} holds at most {_MAX_SIDES[wanted]:,} pixels a side and the picture has"
            f" {' × '.join(f'{side:,}' for side in document.pages[0].size)}; {PNG} holds it",
            pointer=_POINTER,
        )
    return wanted


def is_exact(document: Document, output: Output) -> bool:
    """Whether a reader of the file that `encode` writes gets the document's own pixels, bit for bit.

    Raises:
        InvalidParameters: as `encode`.
    """
    mime_type = output_type(document, output)
    if mime_type == WEBP:
        return document.lossless and output.quality is None
    if mime_type == JPEG:
        copied = document.jpeg is not None and document.jpeg.coded is not None
        return copied and output.quality is None
    # A BMP is laid on white, and converted where it has a profile of its own.
    plain = all(page.alpha is None and page.icc is None for page in document.pages)
    return mime_type in {PNG, TIFF} or (mime_type == BMP and plain)


def result_name(filename: str, mime_type: str, *, label: str = "") -> str:
    """Return the name of a result's file: the source's, with the suffix of the type that was written.

    Folders are cut off. "IMG_1.HEIC" becomes "IMG_1.jpg", a label "mask" makes it "IMG_1.mask.png"; a suffix that
    already says the type stays as it is; without a name it is "picture".
    """
    path = PurePosixPath(filename.replace("\\", "/"))
    stem = path.stem.strip(".") or "picture"
    allowed = _SUFFIXES.get(mime_type, (WRITABLE[mime_type],))
    suffix = path.suffix if path.suffix.lower() in allowed and not label else WRITABLE[mime_type]
    return f"{stem}.{label}{suffix}" if label else f"{stem}{suffix}"


def _own_type(document: Document) -> str:
    if len(document.pages) > 1:
        return TIFF
    substitute = JPEG if document.pages[0].alpha is None else PNG
    wanted = document.mime_type if document.mime_type in WRITABLE else substitute
    return wanted if _fits(document, wanted) else PNG


def _fits(document: Document, mime_type: str) -> bool:
    return max(document.pages[0].size) <= _MAX_SIDES.get(mime_type, max(document.pages[0].size))
