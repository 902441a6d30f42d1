"""From the bytes of a file to a `Document`: checked, upright, RGB, cleaned of what it should not tell."""

from steps.imaging.document import Document
from steps.imaging.header import naming, open_file
from steps.imaging.limits import Limits


def decode(content: bytes, *, filename: str = "", limits: Limits | None = None) -> Document:
    """Decode a file of any accepted type.

    Args:
        content: the file; its type is found in it, not in its name.
        filename: named in the error.
        limits: checked on the header before anything is decoded; the defaults where None.

    Returns:
        The pages, upright, RGB uint8 (height, width, 3), alpha apart; CMYK and LAB converted to sRGB; samples of
        more than 8 bits scaled to 0..255; any other colour profile kept with its pixels; the metadata cleaned.

    Raises:
        ImageUndecodable: not a picture, damaged, or truncated.
        ImageUnsupported: a known kind that is not accepted: animated, SVG, PDF, camera raw, …
        ImageTooLarge: over a limit on bytes, pixels or pages.
        OutOfMemory: the pixels do not fit into memory.
    """
    with naming(filename):
        return open_file(content, limits or Limits()).decode()
