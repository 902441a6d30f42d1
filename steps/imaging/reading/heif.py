"""HEIC and AVIF: boxes by our own eyes, pixels by libheif (pillow-heif) and libavif (Pillow).

Neither is registered with Pillow: the decoders are called directly. Of several pictures in a file the
primary one is read. The rotation and mirroring that the container declares are applied (by libheif; libavif
reports them); an EXIF orientation beside them says the same once more and is not applied (ISO/IEC 23008-12, A.2.3).
"""

import io
from dataclasses import dataclass

from PIL import AvifImagePlugin, Image

from steps.errors import ImageUndecodable, ImageUnsupported
from steps.imaging.document import Document
from steps.imaging.limits import Limits, Size
from steps.imaging.metadata import clean_exif
from steps.imaging.raster import to_page, upright, upright_dpi
from steps.imaging.reading.boxes import Box, boxes, item_content, items, spatial_extents
from steps.imaging.reading.failures import decoding
from steps.imaging.sniff import ACCEPTED, AVIF, HEIC, sniff

_PICTURES = {b"hvc1", b"av01", b"grid", b"iovl", b"iden"}


@dataclass(frozen=True)
class HeifFile:
    """A HEIC or AVIF file whose boxes have been read."""

    content: bytes
    mime_type: str
    meta: Box
    size: Size
    """The largest picture that the file declares."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """One page."""
        return (self.size,)

    def decode(self) -> Document:
        """Decode the primary picture; see `Opened.decode`."""
        metadata = clean_exif(self._exif())
        with decoding("HEIC" if self.mime_type == HEIC else "AVIF"):
            picture = self._load_heic() if self.mime_type == HEIC else self._load_avif()
        icc = picture.info.get("icc_profile")
        orientation = (
            clean_exif(picture.info.get("exif")).orientation if self.mime_type == AVIF else 1
        )
        turned = upright(picture, orientation)
        del picture
        page = to_page(turned, icc=icc, dpi=upright_dpi(metadata.dpi, orientation))
        return Document(
            pages=(page,),
            mime_type=self.mime_type,
            exif=metadata.exif,
            stripped=tuple(sorted(metadata.stripped | self._dropped())),
        )

    def _load_heic(self) -> Image.Image:
        try:
            import pillow_heif
        except ModuleNotFoundError as error:
            raise ImageUnsupported(
                "this is a HEIC, which needs the package pillow-heif here; send a JPEG, or install it"
            ) from error
        heif = pillow_heif.open_heif(self.content, convert_hdr_to_8bit=True)
        primary = heif[heif.primary_index]
        if primary.size[0] * primary.size[1] > self.size[0] * self.size[1]:
            raise ImageUndecodable("the HEIC is damaged: its picture is larger than it declares")
        picture = Image.frombytes(
            primary.mode, primary.size, primary.data, "raw", primary.mode, primary.stride
        )
        picture.info["icc_profile"] = primary.info.get("icc_profile")
        return picture

    def _load_avif(self) -> Image.Image:
        # Pillow would parse the EXIF block, and warn about a broken one: hide it by renaming its item.
        hidden = bytearray(self.content)
        for item in items(self.content, self.meta):
            if item.kind == b"Exif":
                hidden[item.at : item.at + 4] = b"skip"
        picture = AvifImagePlugin.AvifImageFile(io.BytesIO(hidden))
        if picture.n_frames > 1:
            raise ImageUnsupported(f"this is an animated AVIF; {ACCEPTED}, each without animation")
        picture.load()
        return picture

    def _exif(self) -> bytes | None:
        """Return the EXIF block: behind 4 bytes that say how much to skip (ISO/IEC 23008-12, A.2.1)."""
        for item in items(self.content, self.meta):
            if item.kind == b"Exif":
                block = item_content(self.content, self.meta, item.number) or b""
                return block[4 + int.from_bytes(block[:4], "big") :] or None
        return None

    def _dropped(self) -> set[str]:
        kinds = [item.kind for item in items(self.content, self.meta)]
        words = {"xmp"} if b"mime" in kinds else set()
        if any(box.name == b"moov" for box in boxes(self.content, 0, len(self.content))):
            words.add("embedded-pictures")
        return words


def open_heif(content: bytes, limits: Limits) -> HeifFile:
    """Read the boxes of a HEIC or AVIF file.

    Raises:
        ImageUndecodable: truncated or damaged, or no picture in it.
        ImageUnsupported: a sequence of pictures.
    """
    mime_type = sniff(content)
    name = "HEIC" if mime_type == HEIC else "AVIF"
    if content[8:12] in (b"avis", b"msf1", b"hevc", b"hevx"):
        raise ImageUnsupported(f"this is an animated {name}; {ACCEPTED}, each without animation")
    metas = [box for box in boxes(content, 0, len(content)) if box.name == b"meta"]
    if not metas:
        raise ImageUndecodable(f"the {name} has no picture in it (its meta box is missing)")
    kinds = {item.kind for item in items(content, metas[0])}
    extents = spatial_extents(content, metas[0])
    if not kinds & _PICTURES or not extents:
        raise ImageUndecodable(
            f"the {name} has no picture in it (it declares no coded item or no size)"
        )
    size = max(extents, key=lambda extent: extent[0] * extent[1])
    return HeifFile(content, mime_type, metas[0], size)
