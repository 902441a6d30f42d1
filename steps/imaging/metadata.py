"""Cleans metadata: keeps what says who owns a picture and how it was taken, drops what says where and by whom.

An allow-list decides, so that a tag nobody thought of is dropped. Kept: copyright, artist, camera
and lens model, dates, exposure, colour space. Dropped, each with its word in `Document.stripped`:
position, serial numbers and owner, maker notes, thumbnails, free text (descriptions and comments
may name people or hold whole workflows), XMP, IPTC. Orientation, size and resolution are dropped
in silence: the pixels are upright, and the encoder writes the true size and resolution itself.
Tag numbers: Exif 2.32 (CIPA DC-008).
"""

from dataclasses import dataclass

from steps.imaging.ifd import (
    LONG,
    BrokenDirectory,
    Directory,
    Entry,
    integers_entry,
    read_directory,
    read_header,
    write_directory,
)

EXIF_IFD, GPS_IFD, ORIENTATION = 0x8769, 0x8825, 0x0112

_KEPT_TEXT = {
    0x010F, 0x0110, 0x0132, 0x013B, 0x8298,          # make, model, date, artist, copyright
    0x9003, 0x9004, 0x9010, 0x9011, 0x9012,          # dates of taking and digitizing, time zones
    0x9290, 0x9291, 0x9292, 0xA433, 0xA434,          # fractions of seconds, lens make and model
}  # fmt: skip
_KEPT_NUMBERS = {
    0x829A, 0x829D, 0x8822, 0x8827, 0x8830, 0x8832, 0x9000,  # exposure, aperture, sensitivity, version
    0x9201, 0x9202, 0x9203, 0x9204, 0x9205, 0x9207, 0x9208, 0x9209, 0x920A,
    0xA001, 0xA402, 0xA403, 0xA404, 0xA405, 0xA406, 0xA432,  # colour space, modes, focal length, lens range
}  # fmt: skip
_MAX_TEXT, _MAX_NUMBERS = 2048, 64
"""Bytes of one kept value; all together then stay below the 64 KB of a JPEG segment."""

_SILENT = {
    ORIENTATION,
    EXIF_IFD,
    0x011A,
    0x011B,
    0x0128,
    0x0213,
    0xA002,
    0xA003,
    0xA005,
    0x9101,
    0xA000,
}
_WORDS = {
    GPS_IFD: "gps",
    0xA430: "owner-name",
    0xA431: "serial-numbers", 0xA435: "serial-numbers", 0xC62F: "serial-numbers", 0xA420: "serial-numbers",
    0x927C: "maker-notes", 0xC634: "maker-notes",
    0x010E: "description", 0x9286: "description",
    0x9C9B: "description", 0x9C9C: "description", 0x9C9D: "owner-name", 0x9C9E: "description", 0x9C9F: "description",
    0x02BC: "xmp", 0x83BB: "iptc", 0x8649: "iptc",
}  # fmt: skip
OTHER = "other-tags"
"""The word for dropped tags that have no word of their own."""
_STRUCTURE = {
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 284, 285, 292, 293, 296, 297, 317,
    320, 322, 323, 324, 325, 332, 338, 339, 340, 341, 347, 529, 530, 531, 532, 34675,
}  # fmt: skip
"""Tags of a TIFF page that describe its pixels; they are the picture, no metadata."""


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What an EXIF block or a TIFF directory says."""

    exif: bytes | None = None
    """The block to write, as a TIFF structure without the prefix "Exif"; None if nothing is kept."""
    orientation: int = 1
    """1..8 as EXIF numbers them: what is to be done to the stored pixels to show them upright."""
    dpi: tuple[float, float] | None = None
    stripped: frozenset[str] = frozenset()


def clean_exif(block: bytes | None) -> Metadata:
    """Clean an EXIF block (with or without the prefix "Exif"); a broken one is dropped whole."""
    if not block:
        return Metadata()
    block = block.removeprefix(b"Exif\0\0")
    try:
        order, big, offset = read_header(block)
        root = read_directory(block, order, big, offset)
    except BrokenDirectory:
        return Metadata(stripped=frozenset({OTHER}))
    return clean_directory(root, big=big)


def clean_directory(root: Directory, *, big: bool, page: bool = False) -> Metadata:
    """Clean the root directory of an EXIF block, or of a TIFF file (`page`, where the next is no thumbnail)."""
    stripped: set[str] = set()
    exif_ifd = _child(root, EXIF_IFD, big)
    kept_root, kept_exif = _kept(root, stripped, page=page), _kept(exif_ifd, stripped)
    if root.next and not page:
        stripped.add("thumbnail")
    orientation = root.integer(ORIENTATION, 1)
    return Metadata(
        exif=_write(kept_root, kept_exif, root.order),
        orientation=orientation if 1 <= orientation <= 8 else 1,
        dpi=resolution(root),
        stripped=frozenset(stripped),
    )


def resolution(directory: Directory) -> tuple[float, float] | None:
    """Return the resolution that a directory names, in dots per inch, or None."""
    across, down = directory.rational(0x011A), directory.rational(0x011B)
    unit = {2: 1.0, 3: 2.54}.get(directory.integer(0x0128, 2))
    if across is None or down is None or unit is None:
        return None
    return sane_dpi(across * unit, down * unit)


def sane_dpi(across: float, down: float) -> tuple[float, float] | None:
    """Return the pair if it can be a resolution (1 to 65,535 dpi, what a JPEG can say), else None."""
    return (across, down) if 1 <= across <= 65_535 and 1 <= down <= 65_535 else None


def _child(parent: Directory, tag: int, big: bool) -> Directory | None:
    offset = parent.integer(tag, 0)
    if not offset:
        return None
    try:
        return read_directory(parent.content, parent.order, big, offset)
    except BrokenDirectory:
        return None


def _kept(directory: Directory | None, stripped: set[str], *, page: bool = False) -> list[Entry]:
    kept = []
    for tag in directory.places if directory else ():
        entry = directory.entry(tag) if directory else None
        limit = _MAX_TEXT if tag in _KEPT_TEXT else _MAX_NUMBERS if tag in _KEPT_NUMBERS else 0
        if entry and 0 < len(entry.raw) <= limit:
            kept.append(entry)
        elif tag not in _SILENT and not (page and tag in _STRUCTURE):
            stripped.add(_WORDS.get(tag, OTHER))
    return kept


def _write(root: list[Entry], exif: list[Entry], order: str) -> bytes | None:
    if not root and not exif:
        return None
    header = (b"II*\0" if order == "<" else b"MM\0*") + (8).to_bytes(
        4, "little" if order == "<" else "big"
    )
    if not exif:
        return header + write_directory(root, order, 8)
    pointer = integers_entry(EXIF_IFD, LONG, (0,), order)
    behind = 8 + len(write_directory([*root, pointer], order, 8))
    pointer = integers_entry(EXIF_IFD, LONG, (behind,), order)
    return (
        header + write_directory([*root, pointer], order, 8) + write_directory(exif, order, behind)
    )
