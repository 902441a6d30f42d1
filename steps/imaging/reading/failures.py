"""Turns whatever a foreign decoder raises on a damaged file into one error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from steps.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported, OutOfMemory, StepError


@contextmanager
def decoding(kind: str) -> Iterator[None]:
    """Run a foreign decoder inside; `kind` names the format in the message, e.g. "JPEG".

    Decoders of hostile bytes raise anything (SyntaxError, OverflowError, struct.error …), so all of
    `Exception` is caught. Keep our own code out of the block, or its faults would pass for the file's.

    Raises:
        ImageUndecodable: the decoder failed; its own words are in the message.
        ImageUnsupported: it said that it does not know this kind.
        ImageTooLarge: Pillow's own guard against decompression bombs struck.
        OutOfMemory: the picture did not fit into memory.
    """
    try:
        yield
    except StepError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"the {kind} is too large for its decoder: {error}") from error
    except MemoryError as error:
        raise OutOfMemory(f"not enough memory to decode the {kind}") from error
    except Exception as error:
        words = str(error).strip() or type(error).__name__
        if words.lower().startswith("unsupported"):
            raise ImageUnsupported(f"a {kind} of this kind is not read: {words}") from error
        raise ImageUndecodable(f"the {kind} is damaged or truncated: {words}") from error
